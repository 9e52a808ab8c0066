import {
  type AddressRange,
  contains,
  familyOfNetwork,
  isNetworkEdge,
  parseRange,
  prefixLength,
  specialUse,
} from '../../net/address';
import { overlapping } from '../../net/overlaps';
import { RangeIndex } from '../../net/range-index';
import { type Draft, isAbsent } from '../draft';
import { isOlderThan } from '../k3s-version';
import { nodeNetworks } from '../node-networks';
import type { Path } from '../path';
import { quote, quoteAll } from '../quote';
import { allNodeIps, hostsWith, known, nodeIpsOf, nodes, rolesAreKnown } from './known';
import type { Finding, Written } from './rule';

/** A network and where it is written, or would be. */
interface DraftNetwork {
  readonly network: string;
  readonly range: AddressRange;
  readonly path: Path;
}

function draftNetworks(networks: readonly { network: string; path: Path }[]): DraftNetwork[] {
  return networks.flatMap(({ network, path }) => {
    const range = parseRange(network);
    return range ? [{ network, range, path }] : [];
  });
}

/** The subnets of the hosts, declared or derived; none when they are not all known. */
export function nodeNetworksOf(config: Draft): DraftNetwork[] {
  if (config.network && !isAbsent(config.network, 'nodes')) {
    return config.network.nodes?.includes(undefined) ? [] : networksOf(config, 'nodes');
  }
  if (!rolesAreKnown(config)) return [];
  const [server] = hostsWith(config, 'server');
  const derived = (server ? nodeIpsOf(server) : []).flatMap(({ ip, path }) =>
    nodeNetworks(undefined, [ip]).map((network) => ({ network, path })),
  );
  return draftNetworks([...new Map(derived.map((each) => [each.network, each])).values()]);
}

/** Networks of one kind that the file lists. */
export function networksOf(config: Draft, what: 'nodes' | 'pods' | 'services'): DraftNetwork[] {
  const list = known(config.network?.[what]);
  return draftNetworks(list.map(([n, network]) => ({ network, path: ['network', what, n] })));
}

/** Finds the network that contains a range. */
export function networkFinder(
  networks: readonly DraftNetwork[],
): (range: AddressRange) => DraftNetwork | undefined {
  const index = new RangeIndex(networks.map((network) => [network.range, network] as const));
  return (range) => {
    const network = index.overlapping(range);
    return network && contains(network.range, range) ? network : undefined;
  };
}

/** Routing must be unambiguous: the networks of hosts, pods and services share no address. */
export function* disjointNetworks(config: Draft, written: Written): Iterable<Finding> {
  const owners = { nodes: 'the hosts', pods: 'the pods', services: 'the services' } as const;
  const all = (['nodes', 'pods', 'services'] as const).flatMap((what) =>
    (what === 'nodes' ? nodeNetworksOf(config) : networksOf(config, what)).map((each) => ({ ...each, what })),
  );
  for (const pair of overlapping(all)) {
    const [a, b] = all.indexOf(pair[0]) < all.indexOf(pair[1]) ? pair : [pair[1], pair[0]];
    const path = written(b.path) ? b.path : a.path;
    const message =
      a.what === b.what
        ? `${quote(b.network)} overlaps ${quote(a.network)} in the same list: delete one`
        : `the network of ${owners[b.what]}, ${quote(b.network)}, overlaps that of ${owners[a.what]}, ${quote(a.network)}: choose another for 'network.${b.what}'`;
    yield { path, message };
  }
}

/** The firewall lets in only the declared networks. */
export function* hostsInNodeNetworks(config: Draft, written: Written): Iterable<Finding> {
  const networks = nodeNetworksOf(config);
  if (networks.length === 0) return;
  const find = networkFinder(networks);
  const derived = !written(['network', 'nodes']);
  for (const { ip, path } of allNodeIps(config)) {
    const range = parseRange(ip);
    if (!range || specialUse(ip) !== undefined) continue;
    // Without a list, a family that the first server does not have has no subnet.
    if (derived && !networks.some((network) => network.range.family === range.family)) continue;
    const home = find(range);
    if (!home) {
      yield {
        path,
        message: `${quote(ip)} lies outside of the subnet of the hosts, ${quoteNetworks(networks)}: list every subnet in 'network.nodes'`,
        ...(derived && {
          hint: "without 'network.nodes' the subnet is the /24 (IPv6: /64) of the first server",
        }),
      };
    } else if (isNetworkEdge(range, home.range)) {
      yield {
        path,
        message: `${quote(ip)} is the first or last address of ${home.network}: no machine can have it`,
      };
    }
  }
}

/** Networks for a sentence. */
export function quoteNetworks(networks: readonly DraftNetwork[]): string {
  return quoteAll(
    networks.map(({ network }) => network),
    'and',
  );
}

/** Addresses that cannot be those of a machine in a network. */
export function* usableNodeIps(config: Draft): Iterable<Finding> {
  for (const { ip, path } of allNodeIps(config)) {
    const use = specialUse(ip);
    if (use)
      yield { path, message: `${quote(ip)} ${use}: write the address that other hosts reach this one at` };
  }
  const virtualIp = config.api?.address;
  const use = virtualIp && specialUse(virtualIp);
  if (use)
    yield {
      path: ['api', 'address'],
      message: `${quote(virtualIp)} ${use}: write a free address of the hosts' subnet`,
    };
}

/** Bits of the network that kube-controller-manager gives to each node (its `node-cidr-mask-size` defaults). */
const nodeMask = { 4: 24, 6: 64 } as const;

/** Every node gets its own part of the pods' network. */
export function* podNetworksAreLargeEnough(config: Draft): Iterable<Finding> {
  const count = nodes(config).length;
  const masks = [config.k3s?.config?.['kube-controller-manager-arg']].flat();
  if (masks.some((argument) => String(argument).startsWith('node-cidr-mask-size'))) return;
  for (const { network, path } of networksOf(config, 'pods')) {
    const family = familyOfNetwork(network);
    const mask = nodeMask[family];
    const length = prefixLength(network);
    const room = length > mask ? 0 : 2 ** (mask - length);
    if (room < Math.max(count, 1)) {
      const enough = mask - Math.ceil(Math.log2(Math.max(count, 1)));
      yield {
        severity: 'warning',
        path,
        message: `${quote(network)} has room for ${room} nodes, a /${mask} each, and there are ${count}: use a /${enough} or larger, unless 'node-cidr-mask-size' of the controller manager is set`,
      };
    } else if (family === 6 && mask - length > 16) {
      yield {
        path,
        message: `${quote(network)} is too large for Kubernetes: use a /48 or smaller, such as a /56`,
      };
    }
  }
}

/**
 * The cluster's DNS has the tenth service address. Before 1.34 kube-apiserver kept a bitmap of all of them and took no
 * more than 20 bits (feature gate `DisableAllocatorDualWrite`).
 */
export function* serviceNetworksFit(config: Draft): Iterable<Finding> {
  const bitmap = isOlderThan(config.k3s?.version ?? '', 1, 34);
  for (const { network, path } of networksOf(config, 'services')) {
    const length = prefixLength(network);
    const [least, most, usual] = familyOfNetwork(network) === 4 ? [12, 28, 16] : [108, 124, 112];
    if (length > most) {
      yield {
        path,
        message: `${quote(network)} has too few addresses for services: use a /${most} or larger, such as a /${usual}`,
      };
    } else if (length < least && bitmap) {
      yield {
        path,
        message: `${quote(network)} is too large for services before k3s v1.34: use a /${least} or smaller, such as a /${usual}`,
      };
    }
  }
}
