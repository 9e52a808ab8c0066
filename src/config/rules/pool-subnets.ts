import type { Draft } from '../draft';
import { quote } from '../quote';
import { networkFinder, nodeNetworksOf, quoteNetworks } from './networks';
import { clusterIndex, type PoolRange, poolRanges } from './pools';
import type { Finding } from './rule';

/** The first and the last address of a network cannot be reached. */
export function* poolsWithoutEdges(config: Draft): Iterable<Finding> {
  for (const { text, range, path, avoidsEdges } of poolRanges(config)) {
    for (const { network, range: lan } of nodeNetworksOf(config)) {
      if (lan.family !== 4 || range.family !== 4 || lan.last - lan.first < 2n || avoidsEdges) continue;
      const last = range.first <= lan.last && lan.last <= range.last;
      const first = range.first <= lan.first && lan.first <= range.last;
      // A pool that extends beyond the network implies a larger one.
      if (!(last || first) || range.first < lan.first || range.last > lan.last) continue;
      yield {
        path,
        severity: 'warning',
        message: `the pool ${quote(text)} contains the ${last ? 'last' : 'first'} address of ${network}, which no service can have: leave it out, or set 'avoidBuggyIPs: true'`,
      };
    }
  }
}

/** Whether an advertisement of mode `l2` announces a pool, and on which interfaces; all of them without a list. */
function layer2Interfaces(config: Draft, { pool }: PoolRange): (readonly unknown[] | undefined)[] {
  const list = config.metallb?.l2?.advertisements ?? [];
  if (list.length === 0) return config.metallb?.mode === 'l2' ? [[]] : [];
  return list
    .filter(
      (each) =>
        !each?.pools ||
        each.pools.includes(pool) ||
        !each.poolSelectors ||
        each.poolSelectors.length > 0 ||
        each.pools.length === 0,
    )
    .map((each) => each?.interfaces);
}

/** Whether the interfaces of a pool's announcements are given: then the user knows the network there. */
function hasInterfaces(config: Draft, pool: PoolRange): boolean {
  return layer2Interfaces(config, pool).some(
    (interfaces) => interfaces === undefined || interfaces.length > 0,
  );
}

/** Machines on the LAN find its addresses by ARP and NDP, not through the router. */
export function* routedPoolsOutsideLan(config: Draft): Iterable<Finding> {
  if (config.metallb?.mode !== 'bgp') return;
  const networks = nodeNetworksOf(config);
  for (const each of poolRanges(config)) {
    const lan = networks.find(
      ({ range }) =>
        range.family === each.range.family &&
        range.first <= each.range.first &&
        each.range.last <= range.last,
    );
    if (!lan || layer2Interfaces(config, each).length > 0) continue;
    yield {
      path: each.path,
      severity: 'warning',
      message: `the pool ${quote(each.text)} lies in the subnet of the hosts, ${quote(lan.network)}, whose machines look for it by ARP, and nobody answers in mode 'bgp': take a network of its own`,
    };
  }
}

/** ARP and NDP do not leave the subnet, so neighbours cannot find an address of another one. */
export function* layer2PoolsInSubnet(config: Draft): Iterable<Finding> {
  const networks = nodeNetworksOf(config);
  if (config.metallb?.mode !== 'l2' || networks.length === 0) return;
  const [find, inCluster] = [networkFinder(networks), clusterIndex(config)];
  for (const pool of poolRanges(config)) {
    const { text, range, path } = pool;
    if (!networks.some((network) => network.range.family === range.family)) continue;
    if (find(range) || inCluster.overlapping(range) || hasInterfaces(config, pool)) continue;
    yield {
      path,
      severity: 'warning',
      message: `the pool ${quote(text)} lies outside of the subnet of the hosts, ${quoteNetworks(networks)}: in mode 'l2' nobody finds its addresses`,
      hint: "take free addresses of that subnet, or set 'network.nodes' if it is larger",
    };
  }
}
