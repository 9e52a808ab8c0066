/** What keeps an output from being written; the message says what to do. */
export class OutputError extends Error {}
