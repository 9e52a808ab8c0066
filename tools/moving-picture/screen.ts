/** A line of text on a terminal. */
export interface Line {
  readonly text: string;
  readonly bold: boolean;
}

const esc = '\u001b';
const parts = new RegExp(`${esc}\\[[\\d;?]*[A-Za-z]|.`, 'gsu');
const upwards = new RegExp(`^${esc}\\[(\\d+)A$`);

/** What of a terminal the session uses. Anything else is an error, since it would be drawn wrong. */
export class Screen {
  private rows: string[][] = [[]];
  private bold = new Set<string[]>();
  private row = 0;
  private column = 0;
  private writesBold = false;

  constructor(private readonly columns: number) {}

  write(text: string): void {
    for (const [part] of text.matchAll(parts)) {
      if (part === '\r') this.column = 0;
      else if (part === '\n') this.newLine();
      else if (part.startsWith(esc)) this.control(part);
      else this.put(part);
    }
  }

  private put(character: string): void {
    if (this.column === this.columns) {
      this.newLine();
      this.column = 0;
    }
    const row = this.current();
    row[this.column] = character;
    if (this.writesBold) this.bold.add(row);
    this.column += 1;
  }

  private newLine(): void {
    this.row += 1;
    this.rows[this.row] ??= [];
  }

  private current(): string[] {
    const row = this.rows[this.row];
    if (row === undefined) throw new Error(`the session writes above its first line`);
    return row;
  }

  private control(sequence: string): void {
    const [, up] = upwards.exec(sequence) ?? [];
    if (up !== undefined) this.row -= Number(up);
    else if (sequence === `${esc}[J`) {
      this.current().length = this.column;
      this.rows.length = this.row + 1;
    } else if (sequence === `${esc}[1m`) this.writesBold = true;
    else if (sequence === `${esc}[0m`) this.writesBold = false;
    else if (sequence !== `${esc}[?25l` && sequence !== `${esc}[?25h`)
      throw new Error(
        `the session uses ${JSON.stringify(sequence)}, which tools/moving-picture/screen.ts cannot draw`,
      );
  }

  last(): string {
    return this.current().join('');
  }

  /** Forgets what is above the line that begins so. */
  keepFrom(start: string): void {
    const first = this.rows.findIndex((row) => row.join('').startsWith(start));
    this.rows.splice(0, first);
    this.row -= first;
  }

  dropLast(): void {
    this.rows.length = this.row;
    this.row -= 1;
  }

  lines(): Line[] {
    const lines = this.rows.map((row) => ({ text: row.join('').trimEnd(), bold: this.bold.has(row) }));
    while (lines.at(-1)?.text === '') lines.pop();
    return lines;
  }
}
