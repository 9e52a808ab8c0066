import type { Draft } from '../draft';
import type { Path } from '../path';
import { quote } from '../quote';
import { known } from './known';
import type { Finding, Plain, Written } from './rule';

/** A part of the file whose values another program defines, and the purpose of its texts. */
interface FreeMap {
  readonly path: Path;
  readonly value: unknown;
  /** Postgres itself accepts `on` and `yes` for true, and has no texts that look like numbers. */
  readonly ofPostgres?: boolean;
}

function freeMaps({ k3s, hosts, database, addons, patches }: Draft): FreeMap[] {
  return [
    { path: ['k3s', 'config'], value: k3s?.config },
    ...known(hosts).map(([index, host]) => ({ path: ['hosts', index, 'config'], value: host.config })),
    { path: ['database', 'settings'], value: database?.settings, ofPostgres: true },
    ...Object.entries(addons ?? {}).flatMap(([name, addon]) =>
      typeof addon === 'object' && 'values' in addon
        ? [{ path: ['addons', name, 'values'], value: addon.values }]
        : [],
    ),
    ...known(patches).flatMap(([index, patch]) =>
      known(patch.operations).map(([n, { value }]) => ({
        path: ['patches', index, 'operations', n, 'value'],
        value,
      })),
    ),
  ];
}

/** Every value in a value that is neither list nor mapping. */
export function* leaves(value: unknown, path: Path): Iterable<readonly [Path, string | number | boolean]> {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    yield [path, value];
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value))
      yield* leaves(member, [...path, Array.isArray(value) ? Number(key) : key]);
}

/**
 * What YAML 1.1, and many parsers still, do not read as text: where any type is valid, no other rule would
 * report it.
 */
export function* textThatWasNone(config: Draft, _: Written, plain: Plain): Iterable<Finding> {
  for (const { path: root, value, ofPostgres } of freeMaps(config)) {
    for (const [path, leaf] of leaves(value, root)) {
      if (typeof leaf !== 'string' || plain(path) === undefined) continue;
      const finding = notQuiteText(leaf);
      if (finding && !(ofPostgres && booleanWord.test(leaf))) yield { path, ...finding };
    }
  }
}

const booleanWord = /^(?:(yes|on|y)|no|off|n)$/i;
export function isBooleanWord(text: string): boolean {
  return booleanWord.test(text);
}

const withUnderscores = /^[-+]?\d[\d_]*(\.[\d_]*)?$/;
const base60 = /^[-+]?\d+(:[0-5]?\d)+(\.\d*)?$/;
const date = /^\d{4}-\d\d?-\d\d?(([Tt]|[ \t]+)\d.*)?$/;

export function notQuiteText(text: string): Pick<Finding, 'message' | 'severity'> | undefined {
  const word = booleanWord.exec(text);
  if (word) {
    const truth = word[1] === undefined ? 'false' : 'true';
    return { message: `${quote(text)} is text, not ${truth}: write ${truth}, or "${text}" if text is meant` };
  }
  if (/^[-+]?0b[01]+$/.test(text))
    return {
      message: `${quote(text)} is text, not a number: write ${Number(text)}, or "${text}" if text is meant`,
    };
  if (text.includes('_') && withUnderscores.test(text))
    return {
      message: `${quote(text)} is text, not a number: write ${text.replaceAll('_', '')}, or "${text}" if text is meant`,
    };
  const once = base60.test(text) ? 'a number to the base 60' : date.test(text) ? 'a date' : undefined;
  return (
    once && {
      severity: 'warning',
      message: `${quote(text)} is text here, and ${once} for programs that read YAML 1.1: put it in quotes, "${text}"`,
    }
  );
}

/** Numbers whose value differs from the text. In the whole file: numbers in the schema are no safer. */
export function* numbersAsWritten(config: Draft, _: Written, plain: Plain): Iterable<Finding> {
  for (const [path, value] of leaves(config, [])) {
    const text = typeof value === 'number' ? plain(path) : undefined;
    const message = text === undefined ? undefined : changedNumber(text, Number(value));
    if (message !== undefined) yield { path, message };
  }
}

export function changedNumber(text: string, value: number): string | undefined {
  if (/^[-+]?0\d+$/.test(text)) {
    const octal = /^[-+]?[0-7]+$/.test(text);
    return octal
      ? `${quote(text)} is read as ${value}, without its zero: write ${text.replace('0', '0o')} for an octal number, or "${text}" for text`
      : `${quote(text)} is read as ${value}, without its zero: write "${text}" for text, or ${value}`;
  }
  if (sameNumber(text, value)) return undefined;
  return `${quote(text)} has more digits than a number can hold, and would become ${digits(value)}: put it in quotes, "${text}"`;
}

function sameNumber(text: string, value: number): boolean {
  if (/^0[xo]/.test(text)) return BigInt(text) === BigInt(value);
  return significant(text) === significant(String(value));
}

function digits(value: number): string {
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}

/** `120.50e1` and `1205` are one number: digits and exponent, without zeros that mean nothing. */
function significant(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  let end = all.length;
  while (all[end - 1] === '0') end -= 1;
  const mantissa = all.slice(0, end);
  if (mantissa === '') return '0';
  const power = Number(exponent) - fraction.length + all.length - mantissa.length;
  return `${sign === '-' ? '-' : ''}${mantissa}e${power}`;
}

/** A version or a commit in a chart's values looks like a number: `1.10`, `1234e5`. */
export function* numbersThatWereText(config: Draft, _: Written, plain: Plain): Iterable<Finding> {
  for (const { path: root, value, ofPostgres } of freeMaps(config)) {
    for (const [path, leaf] of leaves(value, root)) {
      if (typeof leaf !== 'number' || ofPostgres) continue;
      const text = plain(path) ?? '';
      if (!/^\d+\.\d*0$|^\d+[eE]\d+$/.test(text)) continue;
      yield {
        path,
        severity: 'warning',
        message: `${quote(text)} is the number ${leaf}: put it in quotes, "${text}", if it is a version or the like`,
      };
    }
  }
}
