import { createInterface } from 'node:readline/promises';

/** Asks a question that is answered with yes or no. */
export type Confirm = (question: string) => Promise<boolean>;

/** Asks on the terminal; undefined when there is none, so that scripts never hang. Anything but yes is no. */
export function terminalConfirm(): Confirm | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    // The end of the input (Ctrl-D) leaves the question open for ever.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('\n')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
    if (answer === '\n') process.stdout.write(answer);
    lines.close();
    return /^y(es)?$/i.test(answer.trim());
  };
}
