import type { Issue } from '../config/issue';
import type { Problem } from '../status/problem';

/** Members of the object that a command gives to programs; docs/reference/json.md has those of each. */
export type Report = Readonly<Record<string, unknown>> & { readonly problems?: readonly (Problem | Issue)[] };

/** How sentences about a problem begin, wherever commands print them. */
const sentence = /^(error|warning): (.*)$/s;

/**
 * What `--json` prints: one object, whatever happens, with the exit code, every problem, and what the command has
 * found.
 */
export class JsonReport {
  private readonly problems: (Problem | Issue)[] = [];
  private members: Report = {};
  private printed = false;

  add({ problems = [], ...members }: Report): void {
    this.problems.push(...problems);
    this.members = { ...this.members, ...members };
  }

  /**
   * Takes a line that people are shown. One that was reported is not a second problem, and a sentence alone has no kind
   * of its own.
   */
  hear(line: string): void {
    const [, severity, message = ''] = sentence.exec(line) ?? [];
    const isKnown = this.problems.some((problem) => problem.message === message);
    if ((severity === 'error' || severity === 'warning') && !isKnown)
      this.problems.push({ severity, code: 'failed', message });
  }

  /** What was found so far, in one line, for a command that goes on. */
  next(): string {
    const text = JSON.stringify({ ...this.members, problems: this.problems });
    this.problems.length = 0;
    this.printed = true;
    return text;
  }

  end(exitCode: number): string {
    const { members, problems } = this;
    return JSON.stringify(
      { exitCode, ...(this.printed ? {} : members), problems },
      null,
      this.printed ? 0 : 2,
    );
  }
}

/** Whether a command line asks for JSON, also one that cannot be understood otherwise. */
export function asksForJson(argv: readonly string[]): boolean {
  const options = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  return options.some(
    (word, index) =>
      word === '--json' || word === '--format=json' || (word === '--format' && options[index + 1] === 'json'),
  );
}
