import { createInterface } from 'node:readline/promises';
import { forTerminal } from '../programs/plain-text';

/** Asks a question that is answered with yes or no. */
export type Confirm = (question: string) => Promise<boolean>;

/** Asks for a line. */
export type Ask = (question: string) => Promise<string>;

/** Asks on the terminal; undefined when there is none, so that scripts never hang. Anything but yes is no. */
export function terminalConfirm(people: NodeJS.WriteStream): Confirm | undefined {
  const ask = terminalAsk(people);
  return ask && (async (question) => /^y(es)?$/i.test(await ask(`${question} [y/N] `)));
}

/**
 * Asks on the terminal; undefined when there is none. The answer is trimmed, and empty at the end of the input.
 *
 * @param people stream that people look at
 */
export function terminalAsk(people: NodeJS.WriteStream): Ask | undefined {
  if (!process.stdin.isTTY || !people.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: people });
    // At the end of the input (Ctrl-D) the question would stay open forever.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('\n')));
    const answer = await Promise.race([lines.question(forTerminal(question)), closed]);
    if (answer === '\n') people.write(answer);
    lines.close();
    return answer.trim();
  };
}
