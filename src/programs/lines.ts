import { StringDecoder } from 'node:string_decoder';

/**
 * Splits what comes in parts into lines. Of a line that is too long the rest is left out, so that a program that never
 * ends one does not fill the memory.
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
