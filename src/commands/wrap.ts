import { stripVTControlCharacters } from 'node:util';

/** Words and the blanks between them. A quoted command is one word, to be copied in one piece. */
const parts = /\s+|'[^'\n]{1,60}'[^\s']*|\S+/g;

/** A line that is a command to be copied, in a sentence of its own. */
const command = /^\s+(?:k3s-cdk|npx|node|terraform|tofu|kubectl|ssh-keygen|ssh)\s/;

/** The first column of a list, below which the second one goes on. */
const label = /^\s*(?:\S )?\S{1,30} {2,}(?=\S)/;

/** Lines of a source with its carets, which must stay below each other. */
const frame = /^\s*\d* \| /;

/** A text for people whose screen is `width` characters wide: broken between words, and indented where it goes on. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (columns(line) <= width || frame.test(line) ? line : wrappedLine(line, width)))
    .join('\n');
}

function wrappedLine(line: string, width: number): string {
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  // A shell goes on reading after a backslash.
  if (command.test(line)) return hanging(indent, line, { width, column: indent.length + 2, end: ' \\' });
  const lead = label.exec(line)?.[0] ?? indent;
  return hanging(lead, line.slice(lead.length), {
    width,
    column: lead === indent ? indent.length + 2 : lead.length,
  });
}

export interface HangingOptions {
  readonly width: number;
  /** Where lines after the first begin. @default - where the text begins in the first */
  readonly column?: number;
  /** What broken lines end with. @default nothing */
  readonly end?: string;
}

/** A text after `lead`, broken between words. */
export function hanging(
  lead: string,
  text: string,
  { width, column = lead.length, end = '' }: HangingOptions,
): string {
  const lines: string[] = [];
  let current = lead;
  let isEmpty = true;
  let gap = '';
  for (const [part] of text.matchAll(parts)) {
    if (/^\s/.test(part)) {
      gap = part;
      continue;
    }
    if (!isEmpty && columns(`${current}${gap}${part}${end}`) > width) {
      lines.push(`${current}${end}`);
      current = ' '.repeat(column);
      isEmpty = true;
    }
    current += isEmpty ? part : `${gap}${part}`;
    isEmpty = false;
  }
  return [...lines, current].join('\n');
}

/** Of a text with our own styles. */
function columns(text: string): number {
  return stripVTControlCharacters(text).length;
}
