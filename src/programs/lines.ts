import { StringDecoder } from 'node:string_decoder';

/**
 * Splits chunks into lines. Lines that are too long are truncated, so that a program that never ends a line
 * does not fill the memory.
 */
export class Lines {
  private readonly decoder = new StringDecoder('utf8');
  private line = '';

  constructor(
    private readonly onLine: (line: string) => void,
    /** Characters of a line. */
    private readonly maxLength: number,
  ) {}

  add(bytes: Buffer): void {
    this.take(this.decoder.write(bytes));
  }

  /** The last line need not have an end. */
  end(): void {
    this.take(this.decoder.end());
    if (this.line !== '') this.give();
  }

  private take(text: string): void {
    const parts = text.split('\n');
    for (const [index, part] of parts.entries()) {
      if (index > 0) this.give();
      this.line += part.slice(0, this.maxLength + 1 - this.line.length);
    }
  }

  private give(): void {
    const line = this.line.endsWith('\r') ? this.line.slice(0, -1) : this.line;
    this.line = '';
    this.onLine(line.length > this.maxLength ? `${line.slice(0, this.maxLength)}…` : line);
  }
}
