/** A host's answer is not usable; the message is the rest of a sentence about the answer. */
export class AnswerError extends Error {}

/** Why a host counts as not queried, as the rest of a sentence about the host. */
export function answerFailure(reason: string): string {
  return `returned an answer that ${reason}: has somebody changed it, or does its shell print something at login?`;
}

/** A probe has a line for each unit, file and node; no cluster has that many. */
const maxRows = 20_000;

/** Of a line: a certificate has four thousand characters, one of RSA with a long chain of names some more. */
const maxLineLength = 64 * 1024;

/** Of a text for people, some of which name every disk of a host. */
const maxTextLength = 1000;

/** The answer of a script on a host: lines of a kind and its values, separated by tabs. */
export class Answer {
  private readonly rows = new Map<string, string[][]>();

  /** @throws AnswerError when it is longer than any answer can be */
  constructor(text: string) {
    for (const line of text.split('\n')) {
      if (line.length > maxLineLength) throw new AnswerError(`has a line of ${line.length} characters`);
      const [kind = '', ...values] = line.split('\t');
      const rows = this.rows.get(kind);
      if (!rows) this.rows.set(kind, [values]);
      else if (rows.push(values) > maxRows)
        throw new AnswerError(`has more than ${maxRows} lines of '${shortened(kind)}'`);
    }
  }

  all(kind: string): readonly string[][] {
    return this.rows.get(kind) ?? [];
  }

  first(kind: string): string[] | undefined {
    return this.rows.get(kind)?.[0];
  }
}

/** Any text, for people. */
export function text(value: string | undefined): string {
  return value === undefined || value.length <= maxTextLength
    ? (value ?? '')
    : `${value.slice(0, maxTextLength)}…`;
}

/** A number that is not less than zero. @throws AnswerError */
export function figure(value: string | undefined, what: string): number {
  if (value === undefined || !/^\d{1,18}(\.\d{1,18})?$/.test(value)) throw wrong(value, what);
  return Number(value);
}

/** A value that becomes a word of a command that people are told to run, or is compared: only valid words. */
const words = {
  'a step': /^[a-z0-9-]{1,64}$/,
  'a unit': /^[\w:.@\\-]{1,255}$/,
  'a path': /^\/[\w@%+=:,./\\-]{0,1023}$/,
  'a host name': /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
  'a version': /^(v[\w.+-]{1,60})?$/,
  'a state': /^[a-z-]{0,40}$/,
  'a time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
} as const;

/** @throws AnswerError */
export function word(value: string | undefined, what: keyof typeof words): string {
  if (value === undefined || !words[what].test(value)) throw wrong(value, what);
  return value;
}

/** @throws AnswerError */
export function oneOf<const T extends string>(
  value: string | undefined,
  values: readonly T[],
  what: string,
): T {
  const found = values.find((each) => each === value);
  if (found === undefined) throw wrong(value, what);
  return found;
}

function wrong(value: string | undefined, what: string): AnswerError {
  return new AnswerError(
    value === undefined ? `has no value for ${what}` : `has '${shortened(value)}' for ${what}`,
  );
}

function shortened(value: string): string {
  return value.length > 40 ? `${value.slice(0, 40)}…` : value;
}
