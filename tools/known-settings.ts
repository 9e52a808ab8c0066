import type { KnownSetting } from '../src/config/known-setting';

export type { KnownSetting };

/** Keys of k3s, of what `k3s server --help` prints; short names are no keys of their own. */
export function k3sKeys(help: string): ReadonlyMap<string, KnownSetting> {
  const keys = new Map<string, KnownSetting>();
  for (const line of help.split('\n')) {
    const [, names, description = ''] = /^ {3}(-.+?)(?: {2,}(.*))?$/.exec(line) ?? [];
    const name = /(?:^|, )--?([a-z][\w-]*)/.exec(names ?? '')?.[1];
    if (names === undefined || name === undefined || name === 'help') continue;
    const values = valuesIn(description);
    const type = names.includes('[')
      ? 'list'
      : names.includes(' value') || / [A-Z]/.test(names)
        ? 'text'
        : 'bool';
    keys.set(name, { type, ...(values.length > 0 && { values }) });
  }
  return keys;
}

/** `(valid values: 'none', 'vxlan', …)`, `One of 'agent', 'cluster', …`. */
function valuesIn(description: string): string[] {
  const [list = ''] = /(?:valid values: |One of )(?:'[\w-]+'(?:, )?)+/.exec(description) ?? [];
  return [...list.matchAll(/'([\w-]+)'/g)].map(([, value = '']) => value);
}

const typesOfFlags: Readonly<Record<string, KnownSetting['type']>> = {
  duration: 'duration',
  float: 'number',
  float32: 'number',
  float64: 'number',
  int: 'int',
  int32: 'int',
  int64: 'int',
  uint: 'int',
  uint32: 'int',
  Level: 'int',
};

/** Flags of a component of Kubernetes, of what it prints with `--help`. */
export function componentFlags(help: string): ReadonlyMap<string, KnownSetting> {
  const flags = new Map<string, KnownSetting>();
  for (const line of help.split('\n')) {
    const [, name, type] = /^ {2,6}(?:-\w, )?--([a-z][\w-]*)(?: (\S+))?(?: {2,}|$)/.exec(line) ?? [];
    if (name === undefined || name === 'help' || name === 'version') continue;
    flags.set(name, { type: type === undefined ? 'bool' : (typesOfFlags[type] ?? 'text') });
  }
  return flags;
}

const typesOfPostgres: Readonly<Record<string, KnownSetting['type']>> = {
  bool: 'bool',
  integer: 'int',
  real: 'number',
};

/** Settings of Postgres, of its view `pg_settings`. */
export function postgresSettings(csv: string): ReadonlyMap<string, KnownSetting> {
  const settings = new Map<string, KnownSetting>();
  for (const line of csv.trim().split('\n')) {
    const [name = '', type = '', unit, min, max, values, context] = line.split(',');
    settings.set(name.toLowerCase(), {
      type: typesOfPostgres[type] ?? 'text',
      ...(values && { values: values.split(' ') }),
      ...(unit && { unit }),
      ...(min && { min: Number(min) }),
      ...(max && { max: Number(max) }),
      ...(context === 'internal' && { readOnly: true }),
    });
  }
  return settings;
}
