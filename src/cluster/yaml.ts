/**
 * Writes objects of JSON data as YAML that every version of the language reads alike. Plain code for a plain subset: the yaml
 * package takes five times as long, as much as all the rest of the cluster output.
 */
export function toYaml(...documents: readonly object[]): string {
  return documents.map((document) => `${block(document, '')}\n`).join('---\n');
}

/** A value at an indentation, without the newline at its end. */
function block(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((item) => `${indent}- ${block(item, `${indent}  `).trimStart()}`).join('\n');
  }
  const members = isMap(value) ? Object.entries(value).filter(([, member]) => member !== undefined) : [];
  if (members.length > 0) {
    return members.map(([key, member]) => `${indent}${text(key)}:${after(member, indent)}`).join('\n');
  }
  return indent + scalar(value, indent);
}

/** What follows the colon of a key. */
function after(value: unknown, indent: string): string {
  const nested =
    (Array.isArray(value) && value.length > 0) || (isMap(value) && Object.keys(value).length > 0);
  return nested ? `\n${block(value, `${indent}  `)}` : ` ${scalar(value, `${indent}  `)}`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scalar(value: unknown, indent: string): string {
  if (Array.isArray(value)) return '[]';
  if (isMap(value)) return '{}';
  if (typeof value !== 'string') return JSON.stringify(value ?? null);
  return isLines(value) ? `|\n${lines(value, indent)}` : text(value);
}

/** Whether a text is lines that a literal block shows as they are. */
function isLines(value: string): boolean {
  return /^[\x21-\x7e][\x20-\x7e\n]*[\x21-\x7e]\n$/.test(value) && !/[ ]\n/.test(value);
}

function lines(value: string, indent: string): string {
  return value.slice(0, -1).replace(/^(?=.)/gm, indent);
}

/**
 * Texts that no reader takes for anything else: they start with a letter, a slash or a dash before a letter, or are a
 * version, an address, an amount or a time. All others are in quotes.
 */
const plain =
  /^(?:-{0,2}[A-Za-z/][\w./@+=,-]*(?::[\w/][\w./@+=,-]*)*|\d+\.\d+\.\d+[\w./-]*|\d+(?:Ki|Mi|Gi|m|s|h))(?: [\w./@+=,-]*[\w.])*$/;

/** Words that readers of YAML 1.1 take for a boolean, null or a number. */
const word = /^(?:y|n|yes|no|on|off|true|false|null|-?e[-+]?[\d_]+)$/i;

function text(value: string): string {
  if (plain.test(value) && !word.test(value)) return value;
  // Line breaks and marks that JSON leaves as they are.
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
