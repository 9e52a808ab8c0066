import { type AddressRange, familyOfNetwork, parseRange } from '../../net/address';
import { overlapping } from '../../net/overlaps';
import { RangeIndex } from '../../net/range-index';
import type { Draft } from '../draft';
import type { Path } from '../path';
import { quote } from '../quote';
import { allNodeIps, known, nameOf } from './known';
import { networkFinder, nodeNetworksOf } from './networks';
import type { Finding } from './rule';
import { repeated } from './unique';

export interface PoolRange {
  readonly text: string;
  readonly range: AddressRange;
  readonly pool: string;
  readonly path: Path;
  readonly avoidsEdges: boolean;
}

export function poolRanges(config: Draft): PoolRange[] {
  return known(config.metallb?.pools).flatMap(([index, pool]) =>
    known(pool.addresses).flatMap(([n, text]) => {
      const range = parseRange(text);
      const path = ['metallb', 'pools', index, 'addresses', n];
      if (!range) return [];
      const avoidsEdges = pool.avoidBuggyIPs !== false;
      return [{ text, range, pool: pool.name ?? `pools[${index}]`, path, avoidsEdges }];
    }),
  );
}

/** Pools are Kubernetes objects with unique names. */
export function* uniquePoolNames(config: Draft): Iterable<Finding> {
  const names = known(config.metallb?.pools).map(([index, { name }]) => ({
    value: name,
    path: ['metallb', 'pools', index, 'name'],
  }));
  for (const { value, path, first } of repeated(names)) {
    yield {
      path,
      other: first,
      message: `${quote(value)} is the name of another pool: give each pool a name of its own`,
    };
  }
}

/** A service must not get the address of a machine. */
export function poolsWithoutHosts(config: Draft): Iterable<Finding> {
  return poolsWithout(
    config,
    allNodeIps(config).map(({ ip, host }) => [ip, nameOf(host)] as const),
  );
}

/** Pools that contain the address of a machine. @param machines the address of each, and whose it is */
export function* poolsWithout(
  config: Draft,
  machines: Iterable<readonly [address: string, whose: string]>,
): Iterable<Finding> {
  const index = new RangeIndex(
    [...machines].flatMap(([address, whose]) => {
      const range = parseRange(address);
      return range ? [[range, `${quote(address)}, the address of ${whose}`] as const] : [];
    }),
  );
  for (const { text, range, path } of poolRanges(config)) {
    const machine = index.overlapping(range);
    if (machine)
      yield { path, message: `the pool ${quote(text)} contains ${machine}: leave it out of the pool` };
  }
}

/** Addresses of pods and services never leave the cluster, those of pools must. */
export function* poolsOutsideCluster(config: Draft): Iterable<Finding> {
  const index = clusterIndex(config);
  const findLan = networkFinder(nodeNetworksOf(config));
  for (const { text, range, path } of poolRanges(config)) {
    const network = index.overlapping(range);
    // A pool in the LAN: then the LAN overlaps, which is reported as such.
    if (!network || findLan(range)) continue;
    yield { path, message: `the pool ${quote(text)} overlaps ${network}: take free addresses of your LAN` };
  }
}

export function clusterIndex(config: Draft): RangeIndex<string> {
  const entries = (['pods', 'services'] as const).flatMap((what) =>
    known(config.network?.[what]).flatMap(([, network]) => {
      const range = parseRange(network);
      return range ? [[range, `the network of the ${what}, ${quote(network)}`] as const] : [];
    }),
  );
  return new RangeIndex(entries);
}

/** MetalLB rejects overlapping pools. */
export function* disjointPools(config: Draft): Iterable<Finding> {
  for (const [first, { text, path }] of overlapping(poolRanges(config))) {
    yield {
      path,
      message: `${quote(text)} overlaps ${quote(first.text)} of the pool ${quote(first.pool)}: each address belongs to one pool`,
    };
  }
}

/** Services get addresses only of the cluster's families. */
export function* poolFamilies(config: Draft): Iterable<Finding> {
  const services = known(config.network?.services).map(([, network]) => familyOfNetwork(network));
  if (services.length === 0 || config.network?.services?.includes(undefined)) return;
  for (const { text, range, path } of poolRanges(config)) {
    if (services.includes(range.family)) continue;
    yield {
      path,
      severity: 'warning',
      message: `the pool ${quote(text)} is IPv${range.family}, which services of this cluster do not have: add a network to 'network.services', or delete it`,
    };
  }
}
