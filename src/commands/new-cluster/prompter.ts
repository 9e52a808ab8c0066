/** A question that is answered with a line of text. */
export interface Question {
  readonly message: string;
  /** What Enter alone answers. @default - nothing */
  readonly initial?: string;
  /** What was answered before, to be changed. @default - it was not asked before */
  readonly earlier?: string;
  /** What is wrong with an answer; undefined when nothing is. */
  readonly check: (answer: string) => string | undefined;
}

/** Asks people; tests answer themselves. */
export interface Prompter {
  /** The answer, or undefined when the person would rather stop (Ctrl-C). */
  ask(question: Question): Promise<string | undefined>;
}

/** Asks on the terminal; undefined when there is none. @param people stream that people look at */
export function terminalPrompter(people: NodeJS.WriteStream): Prompter | undefined {
  if (!process.stdin.isTTY || !people.isTTY) return undefined;
  return {
    ask: async ({ message, initial, earlier, check }) => {
      const { isCancel, text } = await import('@clack/prompts');
      const answer = await text({
        message,
        output: people,
        ...(initial !== undefined && { placeholder: initial, defaultValue: initial }),
        ...(earlier && { initialValue: earlier }),
        validate: (value) => check(value === undefined || value === '' ? (initial ?? '') : value.trim()),
      });
      return isCancel(answer) ? undefined : answer.trim();
    },
  };
}
