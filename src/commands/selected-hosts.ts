import type { Config } from '../config/config';
import { hostRange, isMeantAsRange } from '../config/host-range';
import { quote } from '../config/quote';
import { closest } from '../config/suggest';
import { someNames } from '../model/host-groups';
import type { Terminal } from './terminal';

/** Names of the hosts that a command is about; undefined: all. */
export type Only = ReadonlySet<string> | undefined;

/**
 * The hosts that a list of names, groups and ranges stands for: `agent[01-40],storage1`; without one, all. Undefined when
 * a part of it stands for none, which is reported.
 */
export function selectedHosts(
  list: string | undefined,
  config: Config,
  terminal: Terminal,
): { readonly only: Only } | undefined {
  if (list === undefined) return { only: undefined };
  const names = new Set(config.hosts.map(({ name }) => name));
  const found = list.split(',').map((part) => {
    const pattern = part.trim();
    const range = isMeantAsRange(pattern) ? hostRange(pattern) : { texts: [pattern] };
    const texts = range.texts ?? [];
    const members = config.hosts.filter(({ group }) => group === pattern).map(({ name }) => name);
    const matched = [...texts.filter((name) => names.has(name)), ...members];
    return { pattern, matched, problem: 'problem' in range ? range.problem : undefined, texts };
  });
  const wrong = found.filter(({ matched }) => matched.length === 0);
  for (const { pattern, problem, texts } of wrong)
    terminal.error(`error: --hosts ${quote(pattern)}: ${problem ?? notFound(pattern, texts, config)}`);
  return wrong.length > 0 ? undefined : { only: new Set(found.flatMap(({ matched }) => matched)) };
}

/** What there is instead: what was probably meant, or else all. */
function notFound(pattern: string, texts: readonly string[], { hosts, groups = {} }: Config): string {
  if (Object.hasOwn(groups, pattern)) return 'no host is in this group';
  const names = hosts.map(({ name }) => name);
  const groupNames = Object.keys(groups);
  const meant = texts.slice(0, 1).flatMap((text) => closest(text, [...names, ...groupNames]) ?? []);
  const others = groupNames.length > 0 ? `, in groups ${someNames(groupNames)}` : '';
  const hint = meant.length > 0 ? `did you mean ${someNames(meant)}? There` : 'there';
  return `no host and no group has this name; ${hint} are ${someNames(names)}${others}`;
}
