import { readFileSync } from 'node:fs';
import type { Report } from '../../src/commands/json-report';
import type { Terminal } from '../../src/commands/terminal';

const documented: ReadonlySet<string> = new Set(
  [...readFileSync('docs/reference/json.md', 'utf8').matchAll(/^\| `(\w+)` /gm)].map(([, name = '']) => name),
);

/** A terminal whose output can be looked at; paths are shown below `folder`. */
export class RecordingTerminal implements Terminal {
  readonly color = false;
  readonly printed: string[] = [];
  readonly errors: string[] = [];
  readonly reported: Report[] = [];

  constructor(
    private readonly folder: string,
    readonly height?: number,
  ) {}

  print(line: string): void {
    this.printed.push(line);
  }

  error(line: string): void {
    this.errors.push(line);
  }

  output(text: string): void {
    this.printed.push(text.trimEnd());
  }

  report(found: Report): void {
    const unknown = Object.keys(found).filter((member) => !documented.has(member));
    if (unknown.length > 0) throw new Error(`docs/reference/json.md has no member ${unknown.join(', ')}`);
    this.reported.push(found);
  }

  during<T>(_what: string, work: (waitingFor: (text: string) => void) => Promise<T>): Promise<T> {
    return work(() => {});
  }

  display(path: string): string {
    return path.replace(`${this.folder}/`, '');
  }
}
