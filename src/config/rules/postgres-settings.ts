import type { Draft } from '../draft';
import type { KnownSetting } from '../known-setting';
import { postgres } from '../known-settings/postgres';
import { quote } from '../quote';
import { didYouMean } from '../suggest';
import { ownedSettings } from './database';
import { notListed } from './k3s-values';
import type { Finding, Plain, Written } from './rule';

/** Postgres exits on a setting that it does not know or cannot parse, which leaves k3s without its state. */
export function* postgresSettingsFit(config: Draft, _: Written, plain: Plain): Iterable<Finding> {
  for (const [key, value] of Object.entries(config.database?.settings ?? {})) {
    // A name with a dot belongs to an extension, and is not checked; an invalid name is reported as such.
    if (value === undefined || !/^[a-z_][a-z0-9_]*$/.test(key) || /^include/.test(key)) continue;
    const path = ['database', 'settings', key];
    // A number that lost its zero is reported as such.
    if (ownedSettings.test(key) || (typeof value === 'number' && /^[-+]?0\d/.test(plain(path) ?? '')))
      continue;
    const setting = Object.hasOwn(postgres, key) ? postgres[key] : undefined;
    if (setting === undefined) {
      yield {
        path,
        target: 'key',
        severity: 'warning',
        message: `Postgres 17 has no setting ${quote(key)}, and does not start with one that is not there`,
        ...didYouMean(key, Object.keys(postgres)),
      };
    } else if (setting.readOnly) {
      yield { path, target: 'key', message: `${quote(key)} of Postgres can be read only: delete this line` };
    } else {
      const finding = valueProblem(key, value, setting);
      if (finding) yield { path, ...finding };
    }
  }
}

type Problem = Pick<Finding, 'message' | 'hint' | 'severity'>;

function valueProblem(
  key: string,
  value: string | number | boolean,
  setting: KnownSetting,
): Problem | undefined {
  const text = String(value).trim();
  switch (setting.type) {
    case 'bool':
      return isTruth(text)
        ? undefined
        : { message: `${quote(key)} is on or off, and this is ${quote(text)}: write one of these` };
    case 'int':
    case 'number':
      return numberProblem(key, text, setting);
    default:
      return setting.values && !isAmong(text.toLowerCase(), setting.values, key)
        ? { severity: 'warning', ...notListed(key, text, setting.values) }
        : undefined;
  }
}

/** Any unambiguous prefix of a word (`parse_bool`). */
function isTruth(text: string): boolean {
  const word = text.toLowerCase();
  return word !== '' && word !== 'o' && truths.some((each) => each.startsWith(word));
}

const truths = ['true', 'false', 'yes', 'no', 'on', 'off', '1', '0'];

/**
 * Where there is `on` and `off`, Postgres accepts all booleans; it accepts some words without listing them.
 */
function isAmong(word: string, values: readonly string[], key: string): boolean {
  const untold = [
    ...(values.includes('on') ? truths : []),
    ...(/_messages$|^(log_min_error_statement|icu_validation_level)$/.test(key)
      ? ['debug', 'info', 'fatal', 'panic']
      : []),
    ...(key === 'wal_level' ? ['archive', 'hot_standby'] : []),
  ];
  return values.includes(word) || untold.includes(word);
}

const memory = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const time = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

function numberProblem(key: string, text: string, setting: KnownSetting): Problem | undefined {
  const { unit, min = -Infinity, max = Infinity } = setting;
  const [, sign = '', digits = '', suffix = ''] =
    /^([-+]?)(0x[\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)\s{0,9}([A-Za-z]{0,3})$/.exec(text) ?? [];
  const [base, units] = unitOf(unit);
  const factor = suffix === '' ? base : Object.hasOwn(units, suffix) ? units[suffix] : undefined;
  const leadingZero = setting.type === 'int' && /^0\d+$/.test(digits);
  const octal = leadingZero && /^0[0-7]+$/.test(digits);
  if (digits === '' || factor === undefined || leadingZero !== octal) {
    const names = Object.keys(units);
    const meant = names.find((name) => name.toLowerCase() === suffix.toLowerCase());
    const instead = meant === undefined || digits === '' ? '' : `, such as ${sign}${digits}${meant}`;
    const withUnit = names.length > 0 ? `, with one of the units ${names.join(', ')} or without` : '';
    return {
      message: `${quote(text)} is not a valid value for ${quote(key)} of Postgres: write a number${withUnit}${instead}`,
    };
  }
  const size = octal ? Number.parseInt(digits, 8) : Number(digits);
  const number = ((sign === '-' ? -size : size) * factor) / base;
  // Postgres rounds to a whole number of units.
  const counted = setting.type === 'int' ? toEven(number) : number;
  if (counted >= min && counted <= max) return undefined;
  const counts = unit === undefined ? '' : `, counted in ${unit}`;
  return {
    message: `${quote(text)} is too ${counted < min ? 'small' : 'large'} for ${quote(key)} of Postgres: write ${min} ${max > 1e300 ? 'or more' : `to ${max}`}${counts}`,
  };
}

/** As C does: half to even. */
function toEven(number: number): number {
  const up = Math.ceil(number);
  return up - number === 0.5 && up % 2 !== 0 ? up - 1 : Math.round(number);
}

/** A setting's unit, such as `8kB`, and the units that can be used instead. */
function unitOf(unit: string | undefined): readonly [base: number, units: Readonly<Record<string, number>>] {
  const [, count = '', name = ''] = /^(\d*)([A-Za-z]+)$/.exec(unit ?? '') ?? [];
  const units: Readonly<Record<string, number>> = name in memory ? memory : name in time ? time : {};
  return [Number(count || 1) * (units[name] ?? 1), units];
}
