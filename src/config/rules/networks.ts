import {
  contains,
  familyOf,
  isNetworkEdge,
  overlaps,
  parseRange,
  prefixLength,
  specialUse,
} from '../../net/address';
import { RangeIndex } from '../../net/range-index';
import type { Draft } from '../draft';
import { isOlderThan } from '../k3s-version';
import { nodeNetworks } from '../node-networks';
import type { Path } from '../path';
import { quote, quoteAll } from '../quote';
import { allNodeIps, hostsWith, known, nameOf, nodeIpsOf, nodes } from './known';
import type { Finding, Written } from './rule';

/** A network and where it is written, or would be. */
interface DraftNetwork {
  readonly network: string;
  readonly path: Path;
}

/** The subnets of the hosts, declared or derived. */
export function nodeNetworksOf(config: Draft): DraftNetwork[] {
  const declared = config.network && 'nodes' in config.network ? known(config.network.nodes) : undefined;
  if (declared) return declared.map(([n, network]) => ({ network, path: ['network', 'nodes', n] }));
  const [server] = hostsWith(config, 'server');
  const ips = server ? nodeIpsOf(server) : [];
  return ips.flatMap(({ ip, path }) => nodeNetworks(undefined, [ip]).map((network) => ({ network, path })));
}

function networksOf(config: Draft, what: 'pods' | 'services'): DraftNetwork[] {
  return known(config.network?.[what]).map(([n, network]) => ({ network, path: ['network', what, n] }));
}

/** Packets need one place to go: the networks of hosts, pods and services share no address. */
export function* disjointNetworks(config: Draft, written: Written): Iterable<Finding> {
  const all = [
    ...nodeNetworksOf(config).map((each) => ({ ...each, of: 'the hosts' })),
    ...networksOf(config, 'pods').map((each) => ({ ...each, of: 'the pods' })),
    ...networksOf(config, 'services').map((each) => ({ ...each, of: 'the services' })),
  ];
  for (const [n, b] of all.entries()) {
    for (const a of all.slice(0, n)) {
      const [rangeA, rangeB] = [parseRange(a.network), parseRange(b.network)];
      if (!rangeA || !rangeB || !overlaps(rangeA, rangeB)) continue;
      const setting = b.path.slice(0, 2).join('.');
      yield {
        path: written(b.path) ? b.path : a.path,
        message: `the network of ${b.of}, ${quote(b.network)}, overlaps that of ${a.of}, ${quote(a.network)}: choose another for '${setting}'`,
      };
    }
  }
}

/** The firewall lets in the declared networks only. */
export function* hostsInNodeNetworks(config: Draft, written: Written): Iterable<Finding> {
  const networks = nodeNetworksOf(config).map(({ network }) => network);
  const index = new RangeIndex(
    networks.flatMap((network) => {
      const range = parseRange(network);
      return range ? [[range, { range, network }] as const] : [];
    }),
  );
  if (networks.length === 0) return;
  const derived = !written(['network', 'nodes']);
  for (const { ip, path } of allNodeIps(config)) {
    const range = parseRange(ip);
    if (!range || specialUse(ip) !== undefined) continue;
    const home = index.overlapping(range);
    if (
      !home &&
      derived &&
      !networks.some((network) => familyOf(network.split('/')[0] ?? '') === range.family)
    )
      continue;
    if (!home) {
      yield {
        path,
        message: `${quote(ip)} lies outside of the subnet of the hosts, ${quoteAll(networks, 'and')}: list every subnet in 'network.nodes'`,
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

/** Pods and services have the same families, the first of both being the cluster's own. */
export function* sameFamilies(config: Draft): Iterable<Finding> {
  const [pods, services] = [networksOf(config, 'pods'), networksOf(config, 'services')];
  for (const list of [pods, services]) {
    const [first, second] = list;
    if (!first || !second || familyOfNetwork(first.network) !== familyOfNetwork(second.network)) continue;
    yield {
      path: second.path,
      message: `${quote(second.network)} is of the same family as ${quote(first.network)}: a second network is for dual stack, one IPv4 and one IPv6`,
    };
  }
  if (config.network?.pods?.includes(undefined) || config.network?.services?.includes(undefined)) return;
  const families = (list: DraftNetwork[]) =>
    list.map(({ network }) => `IPv${familyOfNetwork(network)}`).join(' and ');
  if (pods.length === 0 || services.length === 0 || families(pods) === families(services)) return;
  yield {
    path: ['network', 'services'],
    message: `the services have ${families(services)} and the pods ${families(pods)}: give both the same families in the same order`,
  };
}

/** Bits of the network that kube-controller-manager gives to each node (its `node-cidr-mask-size` defaults). */
const nodeMask = { 4: 24, 6: 64 } as const;

/** Every node gets a network of its own out of the pods'. */
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
        path,
        message: `${quote(network)} has room for ${room} nodes, a /${mask} each, and there are ${count}: use a /${enough} or larger`,
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

/** Every node has an address of each family of the cluster, that of the primary family first. */
export function* nodeIpsMatchFamilies(config: Draft): Iterable<Finding> {
  const families = networksOf(config, 'pods').map(({ network }) => familyOfNetwork(network));
  if (families.length === 0 || config.network?.pods?.includes(undefined)) return;
  const wanted = families.map((family) => `IPv${family}`).join(' and ');
  for (const [index, host] of nodes(config)) {
    const ips = nodeIpsOf([index, host]);
    if (ips.length === 0 || host.nodeIps?.includes(undefined)) continue;
    const own = ips.map(({ ip }) => familyOf(ip));
    const listed = 'nodeIps' in host;
    const path = ['hosts', index, listed ? 'nodeIps' : 'address'];
    if (!families.every((family) => own.includes(family))) {
      yield {
        path,
        message: `the pods have ${wanted}, so ${nameOf(host, index)} needs an ${wanted} address: ${listed ? "complete its 'nodeIps'" : "list both in its 'nodeIps'"}`,
      };
    } else if (own[0] !== families[0]) {
      yield {
        path,
        message: `the primary family of the cluster is IPv${families[0]}: put that address first in 'nodeIps'`,
      };
    } else if (own.length === 2 && own[0] === own[1]) {
      yield {
        path,
        message: `both addresses of ${nameOf(host, index)} are IPv${own[0]}: a node has at most one of each family`,
      };
    }
  }
}

export function familyOfNetwork(network: string): 4 | 6 {
  return network.includes(':') ? 6 : 4;
}

/** Which of some networks contains an address range. */
export function networkAround(networks: readonly string[], text: string): string | undefined {
  const inner = parseRange(text);
  return networks.find((network) => {
    const outer = parseRange(network);
    return outer && inner && contains(outer, inner);
  });
}
