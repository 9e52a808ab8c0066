import type { Draft } from '../draft';
import {
  agentKeys,
  clusterWideKeys,
  isOwned,
  ownedApiserverArguments,
  ownedKeys,
  serverKeys,
} from '../k3s-keys';
import { isOlderThan } from '../k3s-version';
import type { Path } from '../path';
import { k3sVersion } from '../pinned-releases';
import { quote } from '../quote';
import { didYouMean } from '../suggest';
import { foreignHomeMessage, isInForeignHome } from './home-path';
import { known, nameOf } from './known';
import type { Finding } from './rule';

/** Older ones cannot limit anonymous access to /readyz, which the load balancer requests. */
const oldest = { major: 1, minor: 32 } as const;

/** The load balancer needs a k3s that answers its readiness check. */
export function* k3sIsRecentEnough(config: Draft): Iterable<Finding> {
  const version = config.k3s?.version;
  if (version === undefined || !isOlderThan(version, oldest.major, oldest.minor)) return;
  yield {
    path: ['k3s', 'version'],
    message: `${quote(version)} is too old: the load balancer's readiness check needs v${oldest.major}.${oldest.minor} or later`,
  };
}

/** Releases that were not out when this was written are untested, and may not exist. */
export function* k3sIsKnown(config: Draft): Iterable<Finding> {
  const version = config.k3s?.version;
  const [, tried] = /^v\d+\.(\d+)/.exec(k3sVersion) ?? [];
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (version === undefined || (major === '1' && Number(minor) <= Number(tried))) return;
  yield {
    path: ['k3s', 'version'],
    severity: 'warning',
    message: `${quote(version)} is newer than any k3s that this version of k3s-cdk was tried with, v1.${tried}: look whether it is among the releases of k3s, and for a newer k3s-cdk`,
  };
}

interface ExtraConfig {
  readonly path: Path;
  readonly keys: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
  readonly role: 'all' | 'server' | 'agent';
  readonly host?: string;
}

/** Every `config` of the file and the nodes that it is for. */
export function extraConfigs(config: Draft): ExtraConfig[] {
  const all = config.k3s?.config ?? {};
  const own = known(config.hosts).flatMap(([index, host]): ExtraConfig[] => {
    const values = host.config ?? {};
    const role = host.roles?.includes('server')
      ? 'server'
      : host.roles?.includes('agent')
        ? 'agent'
        : undefined;
    const path = ['hosts', index, 'config'];
    return role ? [{ path, keys: Object.keys(values), values, role, host: nameOf(host) }] : [];
  });
  return [{ path: ['k3s', 'config'], keys: Object.keys(all), values: all, role: 'all' }, ...own];
}

/** The topology sets some keys; conflicting values would break the cluster. */
export function* ownedK3sKeys(config: Draft): Iterable<Finding> {
  for (const { path, keys } of extraConfigs(config)) {
    for (const key of keys) {
      const instead = Object.hasOwn(ownedKeys, key) ? ownedKeys[key] : undefined;
      const etcd = key.startsWith('etcd-') ? 'the datastore is Postgres, not etcd' : undefined;
      const reason = instead ?? etcd;
      if (!reason) continue;
      yield { path: [...path, key], target: 'key', message: `${quote(key)} cannot be set here: ${reason}` };
    }
  }
}

/** Servers that differ in these would conflict over the cluster's state. */
export function* clusterWideK3sKeys(config: Draft): Iterable<Finding> {
  for (const { path, keys, role } of extraConfigs(config)) {
    if (role === 'all') continue;
    for (const key of keys.filter((each) => clusterWideKeys.has(each))) {
      yield {
        path: [...path, key],
        target: 'key',
        message: `${quote(key)} must be the same on all servers: move it to 'k3s.config'`,
      };
    }
  }
}

/** A line of k3s's file begins with it; `key+` would extend a list without the checks of `key`. */
const keyForm = /^[a-z][a-z0-9-]*$/;

/** An agent does not start with a key that it does not know; a server ignores it. */
export function* knownK3sKeys(config: Draft): Iterable<Finding> {
  for (const { path, keys, role, host } of extraConfigs(config)) {
    const knownKeys = role === 'agent' ? agentKeys : serverKeys;
    for (const key of keys) {
      const decided = isOwned(key) || clusterWideKeys.has(key);
      if (decided || knownKeys.has(key) || (role === 'all' && agentKeys.has(key))) continue;
      const at = { path: [...path, key], target: 'key' } as const;
      if (role === 'agent' && serverKeys.has(key)) {
        yield {
          ...at,
          message: `${quote(key)} is for servers only, and ${host} is an agent: it would not start with it`,
        };
        continue;
      }
      const hint = didYouMean(key.replace(/^-+|\+$/g, ''), [...knownKeys]);
      yield keyForm.test(key)
        ? {
            ...at,
            severity: 'warning',
            message: `k3s has no key ${quote(key)}: ${role === 'agent' ? 'an agent does not start with it' : 'servers ignore it and agents do not get it'}`,
            ...hint,
          }
        : {
            ...at,
            message: key.endsWith('+')
              ? `${quote(key)} cannot be written here: leave out the '+', lists that this tool writes too are extended anyway`
              : `${quote(key)} cannot be a key of k3s: write it in lower case letters, digits and '-'`,
            ...hint,
          };
    }
  }
}

/** Arguments that decide whether /readyz answers the load balancer. */
export function* ownedApiserverArgs(config: Draft): Iterable<Finding> {
  for (const { path, values } of extraConfigs(config)) {
    const list = values['kube-apiserver-arg'];
    for (const [n, argument] of [list].flat().entries()) {
      const name = String(argument).replace(/^-+/, '').split('=', 1)[0] ?? '';
      if (argument === undefined || !ownedApiserverArguments.includes(name)) continue;
      yield {
        path: [...path, 'kube-apiserver-arg', ...(Array.isArray(list) ? [n] : [])],
        message: `the argument ${quote(name)} cannot be set here: the load balancer's readiness check depends on it`,
      };
    }
  }
}

/** Where the folder can be found. */
export function* artifactsPath(config: Draft): Iterable<Finding> {
  const artifacts = config.k3s?.artifacts;
  if (artifacts === undefined || !isInForeignHome(artifacts)) return;
  yield { path: ['k3s', 'artifacts'], message: foreignHomeMessage(artifacts) };
}
