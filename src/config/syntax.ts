import type { YAMLError } from 'yaml';
import { unquotedTemplate } from './look-alikes';
import type { Complaint, Span } from './positions';
import { quote } from './quote';

/** A syntax error of the YAML parser, in plain words. */
export function explain(error: YAMLError, text: string): readonly [Span, Complaint] {
  const line = lineAround(text, error.pos[0]);
  const [span, message, hint] = likelyCause(line) ?? inWords(error, text, line);
  return [span, { code: 'syntax', message, ...(hint && { hint }) }];
}

type Explanation = readonly [span: Span, message: string, hint?: string];

/** A line of the text and where it starts. */
interface Line {
  readonly start: number;
  readonly text: string;
}

function lineAround(text: string, offset: number): Line {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return { start, text: text.slice(start, end < 0 ? text.length : end).trimEnd() };
}

/** Mistakes that the parser reports as something else. */
function likelyCause({ start, text }: Line): Explanation | undefined {
  const noBreakSpace = text.search(/^[^#]*\u00a0/) >= 0 ? text.indexOf('\u00a0') : -1;
  if (noBreakSpace >= 0) {
    const at = start + noBreakSpace;
    return [[at, at + 1], 'this is a no-break space (U+00A0): replace it with a plain space'];
  }
  const tab = /^ *\t/.exec(text);
  if (tab)
    return [[start, start + tab[0].length], 'this line is indented with a tab: YAML allows only spaces'];
  const template = unquotedTemplate(text);
  if (template) return [[start + template.span[0], start + template.span[1]], template.message];
  const noSpace = /^\s*(?:- +)*["']?[A-Za-z][\w-]*["']?:(?=[^\s/:])/.exec(text);
  if (noSpace) {
    const colon = start + noSpace[0].length - 1;
    return [[colon, colon + 1], "a space is missing after this ':'"];
  }
  const range = /(?<=[\s,[{])[\w.:-]+\[\d+[-:]\d+\][\w.:-]*/.exec(text);
  if (range && isInFlow(text.slice(0, range.index))) {
    const from = start + range.index;
    return [[from, from + range[0].length], `a range inside of '[' or '{' needs quotes: write "${range[0]}"`];
  }
  return undefined;
}

/** After a bracket, and not in quotes. */
function isInFlow(before: string): boolean {
  return /[[{]/.test(before) && ['"', "'"].every((quotes) => before.split(quotes).length % 2 === 1);
}

function inWords(error: YAMLError, text: string, line: Line): Explanation {
  const span: Span = error.pos;
  const found = text.slice(...span).trim();
  const content: Span = [line.start + line.text.search(/\S|$/), line.start + line.text.length];
  const { code, message } = error;
  switch (code) {
    case 'TAB_AS_INDENT':
      return [span, 'this line is indented with a tab: YAML allows only spaces'];
    case 'BAD_SCALAR_START':
      return [span, `a value cannot start with ${quote(found)}: put it in quotes`];
    case 'BAD_DQ_ESCAPE':
      return [
        span,
        `there is no escape ${quote(text.slice(span[0], span[0] + 2))} in double quotes: use single quotes instead`,
      ];
    case 'BAD_ALIAS':
      return [
        span,
        `a name is missing after ${quote(found.charAt(0))}: put the value in quotes if it is text`,
      ];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return outdentedItem(text, line, content) ?? [content, blockAsKey(line)];
    case 'BLOCK_IN_FLOW':
      return [
        content,
        "inside of '[' or '{' items are separated by ',' and not written with '-' on lines of their own",
      ];
    case 'NON_STRING_KEY':
      return [span, 'this cannot be a key: a key is a single word'];
    case 'KEY_OVER_1024_CHARS':
      return [span, 'this key is longer than 1024 characters'];
    case 'RESOURCE_EXHAUSTION':
      return [span, 'there are too many levels of nesting here'];
    case 'TAG_RESOLVE_FAILED':
      return [span, `the tag ${quote(found)} has no meaning here: ${insteadOfTag(found)}`];
    case 'BAD_DIRECTIVE':
      return [content, `the directive ${quote(line.text)} is not known: delete it`];
    case 'MULTIPLE_ANCHORS':
      return [span, 'a value can have only one anchor: delete one'];
    case 'MULTILINE_IMPLICIT_KEY':
      return missingColon(line, content);
    case 'BAD_INDENT':
      return badIndent(message, text, span, content);
    case 'MISSING_CHAR':
      return missingCharacter(message, text, span, line, content);
    case 'UNEXPECTED_TOKEN':
      if (/^[\]}]/.test(found)) return [span, `this ${quote(found.charAt(0))} closes nothing: delete it`];
      if (found.startsWith(',')) return [span, "there is nothing before this ',': delete it"];
      return [span, "this is not expected here: is a ',' or a quote missing before it?"];
    default:
      return [span, message.charAt(0).toLowerCase() + message.slice(1)];
  }
}

function blockAsKey({ text }: Line): string {
  return /^[^{["']*:\s[^{["']*:(\s|$)/.test(text)
    ? 'this line has two keys: write the second on a line of its own, or put the value in quotes'
    : 'the next line is indented deeper, but this one has its value already: start both at the same column';
}

/** A list item below those of a list that is indented deeper. */
function outdentedItem(text: string, line: Line, content: Span): Explanation | undefined {
  const item = /^\s*(?=-\s)/.exec(line.text);
  const above = text.slice(0, line.start).split('\n');
  const other = above.findLastIndex((each) => /^\s*-\s/.test(each));
  if (!item || other < 0 || (above[other] ?? '').search(/\S/) <= item[0].length) return undefined;
  return [
    content,
    `this list item is indented less than the one in line ${other + 1}: start both at the same column`,
  ];
}

function badIndent(message: string, text: string, span: Span, content: Span): Explanation {
  if (message.startsWith('Flow')) {
    const open = message.includes('sequence') ? '[' : '{';
    const close = open === '[' ? ']' : '}';
    const opened = lastOpen(text.slice(0, span[0]), open, close);
    if (opened >= 0) return [[opened, opened + 1], `this '${open}' is not closed: a '${close}' is missing`];
  }
  const what = message.includes('sequence') ? 'list items' : 'keys';
  return [
    content,
    `this line is not aligned with the ${what} above it: indent it by the same number of spaces`,
  ];
}

/** Where the last bracket that is still open was opened. */
function lastOpen(text: string, open: string, close: string): number {
  let missing = 1;
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === close) missing++;
    if (text[at] === open && --missing === 0) return at;
  }
  return -1;
}

function missingCharacter(message: string, text: string, span: Span, line: Line, content: Span): Explanation {
  if (/quote/.test(message)) {
    const character = message.includes('"') ? '"' : "'";
    const opened = text.lastIndexOf(character, span[0] - 1);
    return [
      [opened, opened + 1],
      `this ${character} is not closed: a ${character} is missing at the end of the value`,
    ];
  }
  if (/^Missing ,/.test(message)) return [span, "a ',' is missing before this"];
  if (/^Missing space after :/.test(message)) return [span, "a space is missing after this ':'"];
  if (/^Implicit map keys/.test(message)) return missingColon(line, content);
  if (/^Sequence item/.test(message)) {
    return [
      content,
      'this line is not aligned with the keys above it: indent it by the same number of spaces',
    ];
  }
  if (/^Comments/.test(message))
    return [span, "a space is missing before this '#': without one it is not a comment"];
  return [span, message.charAt(0).toLowerCase() + message.slice(1)];
}

function missingColon(line: Line, content: Span): Explanation {
  if (/^\s*-(\s|$)/.test(line.text)) {
    return [
      content,
      "this list item stands among keys: indent it below the key of its list, or delete the '-'",
    ];
  }
  return [content, "this is not a 'key: value': is the ':' missing?"];
}

function insteadOfTag(tag: string): string {
  if (!tag.startsWith('!include')) return 'delete it';
  return "one file has everything, and ranges ('name: agent[01-40]') and 'groups' keep the list of hosts short";
}
