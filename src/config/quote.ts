/** Longer values are shortened in messages. */
const maxLength = 60;

/** Not for what a rule does not know: a message must not quote 'undefined'. */
type Known<T> = unknown extends T ? T : undefined extends T ? never : T;

/** A value as messages show it: in quotes, on one line, without control characters, not too long. */
export function quote<T>(value: Known<T>): string {
  return `'${printable(shorten(String(value)))}'`;
}

/** A value, or what to call it while it is not known. */
export function quoteOr(value: string | undefined, otherwise: string): string {
  return value === undefined ? otherwise : quote(value);
}

/** A list of names for a sentence: `'a', 'b' or 'c'`. */
export function quoteAll(values: readonly unknown[], conjunction: 'and' | 'or'): string {
  const quoted = values.map((value) => quote(value));
  const last = quoted.pop() ?? '';
  return quoted.length > 0 ? `${quoted.join(', ')} ${conjunction} ${last}` : last;
}

function shorten(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}

/** Control characters as escapes: a value must not control the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|[\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code === 10 ? '\\n' : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
