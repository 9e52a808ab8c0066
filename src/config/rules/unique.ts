import { canonicalAddress } from '../../net/address';
import type { Draft } from '../draft';
import type { Path } from '../path';
import { quote } from '../quote';
import { allNodeIps, known, nameOf } from './known';
import type { Finding } from './rule';

/** Host names are unique. */
export function* uniqueHostNames(config: Draft): Iterable<Finding> {
  const names = known(config.hosts).map(([index, { name }]) => ({
    value: name,
    path: ['hosts', index, 'name'],
  }));
  for (const { value, path, first } of repeated(names)) {
    yield {
      path,
      other: first,
      message: `${quote(value)} is the name of another host: give each host a name of its own`,
    };
  }
}

/** No two hosts claim the same address in the cluster's network. */
export function* uniqueNodeIps(config: Draft): Iterable<Finding> {
  const ips = allNodeIps(config).map(({ ip, path }) => ({ value: canonicalAddress(ip), path }));
  for (const { value, path, first } of repeated(ips)) {
    const [, index] = first;
    const host = config.hosts?.[Number(index)];
    if (index === path[1]) {
      yield { path, message: `${quote(value)} is given twice for this host: delete one` };
    } else {
      const name = host && nameOf(host);
      yield {
        path,
        other: first,
        message: `${quote(value)} is the address of ${name} too: each host needs one of its own`,
      };
    }
  }
}

/** Behind one address, hosts differ by their SSH port: otherwise they are the same machine. */
export function* uniqueSshEndpoints(config: Draft): Iterable<Finding> {
  const endpoints = known(config.hosts).map(([index, host]) => ({
    value: endpointOf(config, host),
    path: ['hosts', index, 'address'],
  }));
  for (const { path, first } of repeated(endpoints)) {
    const index = Number(first[1]);
    const [host, other] = [config.hosts?.[Number(path[1])], config.hosts?.[index]];
    if (!host || !other) continue;
    // Two equal addresses of nodes are reported as such.
    if (!('nodeIps' in host) && !('nodeIps' in other)) continue;
    yield {
      path,
      other: first,
      message: `${nameOf(other)} is reached by SSH at the same address and port: one machine cannot be two hosts`,
    };
  }
}

function endpointOf(
  config: Draft,
  host: NonNullable<NonNullable<Draft['hosts']>[number]>,
): string | undefined {
  const port = host.ssh?.port ?? config.ssh?.port;
  const bastion = host.ssh?.bastion ?? config.ssh?.bastion;
  if (host.address === undefined || port === undefined) return undefined;
  return `${canonicalAddress(host.address)} ${port} ${bastion?.address}`;
}

/** No host has a role, a taint, a package or a disk twice; pool names are unique. */
export function* uniqueListItems(config: Draft): Iterable<Finding> {
  for (const [index, host] of known(config.hosts)) {
    yield* uniqueItems(host.roles, ['hosts', index, 'roles'], 'role');
    yield* uniqueItems(host.taints, ['hosts', index, 'taints'], 'taint');
    yield* uniqueItems(host.packages, ['hosts', index, 'packages'], 'package');
  }
  yield* uniqueItems(config.api?.names, ['api', 'names'], 'name');
  yield* uniqueItems(config.watch?.calls, ['watch', 'calls'], 'call');
}

function* uniqueItems(list: readonly unknown[] | undefined, path: Path, what: string): Iterable<Finding> {
  const items = (list ?? []).map((value, index) => ({
    value: value as string | undefined,
    path: [...path, index],
  }));
  for (const { value, path: again } of repeated(items)) {
    yield { path: again, message: `the ${what} ${quote(value)} is given twice: delete one` };
  }
}

interface Item {
  readonly value: string | undefined;
  readonly path: Path;
}

interface Repetition {
  readonly value: string;
  readonly path: Path;
  /** Where the value stood first. */
  readonly first: Path;
}

/** Items whose value stood earlier in the list, with the path of the first of them. Holes do not count. */
export function* repeated(items: Iterable<Item>): Iterable<Repetition> {
  const seen = new Map<string, Path>();
  for (const item of items) {
    const { value, path } = item;
    if (value === undefined) continue;
    const first = seen.get(value);
    if (first) yield { value, path, first };
    else seen.set(value, path);
  }
}
