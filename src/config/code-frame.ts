import { printable } from './quote';

/** A line of the source and the marker of a part of it. */
export interface CodeFrame {
  /** ` 12 | `. */
  readonly gutter: string;
  readonly code: string;
  /** As wide as the gutter. */
  readonly margin: string;
  readonly carets: string;
}

/** Longer lines are cut around the column: with the gutter, the screen is 80 wide. */
const maxWidth = 71;
/** What stays visible before the column when a line is cut. */
const before = 30;

/** The frame of one issue; undefined if the line has nothing to show. */
export function codeFrame(text: string, line: number, column: number, length: number): CodeFrame | undefined {
  const source = text.replace(/\r$/, '');
  if (source.trim() === '') return undefined;
  const start = column - 1;
  const from = source.length > maxWidth && start > before ? start - before : 0;
  const to = Math.min(source.length, from + maxWidth);
  const show = (a: number, b: number) =>
    visible(source.slice(Math.max(a, from), Math.max(from, Math.min(b, to))));
  const lead = from > 0 ? '…' : '';
  const number = String(line).padStart(4);
  return {
    gutter: `${number} | `,
    code: `${lead}${show(from, to)}${to < source.length ? '…' : ''}`,
    margin: `${' '.repeat(number.length)} | `,
    carets:
      ' '.repeat(lead.length + width(show(from, start))) +
      '^'.repeat(Math.max(1, width(show(start, start + length)))),
  };
}

/** A tab has no width that the carets below could follow. */
function visible(text: string): string {
  return printable(text.replaceAll('\t', '    '));
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const zero = /\p{Mn}|\p{Me}|[\ufe00-\ufe0f]/u;

/** Columns that a text takes in a terminal (Unicode Standard Annex 11). */
function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += zero.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}
