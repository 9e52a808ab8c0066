import type { Terminal } from '../../src/commands/terminal';

/** A terminal whose output can be looked at; paths are shown below `folder`. */
export class RecordingTerminal implements Terminal {
  readonly color = false;
  readonly printed: string[] = [];
  readonly errors: string[] = [];

  constructor(private readonly folder: string) {}

  print(line: string): void {
    this.printed.push(line);
  }

  error(line: string): void {
    this.errors.push(line);
  }

  display(path: string): string {
    return path.replace(`${this.folder}/`, '');
  }
}
