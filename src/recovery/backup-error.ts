/** What cannot be done with a backup; the message says what to do. */
export class BackupError extends Error {}
