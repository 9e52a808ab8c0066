/**
 * Something that the user can fix. Its message is a sentence that says what is wrong and what to do; every other error is
 * an internal one, unless it is node's about a file.
 */
export class UserError extends Error {}
