import { podNetwork } from '../model/pod-network';
import type { Host, Topology } from '../model/topology';
import { familyOf } from '../net/address';

/** Traffic to a host that its roles need. */
export interface FirewallRule {
  readonly protocol: 'tcp' | 'udp' | 'vrrp';
  /** Empty for protocols that have none. */
  readonly ports: readonly number[];
  /** Whose traffic; `anyone` for what clients use. */
  readonly from: Peers;
}

export type Peers = 'anyone' | 'servers' | 'nodes';

/** What a host with these roles lets in. SSH is the owner's: it is never mentioned, so never lost. */
export function firewallRules(roles: Host['roles'], topology: Topology): FirewallRule[] {
  const { api, database, k3s, metallb } = topology;
  const isServer = roles.includes('server');
  const isNode = isServer || roles.includes('agent');
  const rules: [boolean, FirewallRule][] = [
    [isServer, { protocol: 'tcp', ports: [api.port], from: 'anyone' }],
    [isServer && k3s.serverPort !== api.port, { protocol: 'tcp', ports: [k3s.serverPort], from: 'nodes' }],
    [isServer && api.loadBalancer !== undefined, { protocol: 'vrrp', ports: [], from: 'servers' }],
    [isNode, { protocol: 'udp', ports: podNetwork(topology).ports, from: 'nodes' }],
    // kubelet, for logs, exec and metrics.
    [isNode, { protocol: 'tcp', ports: [10250], from: 'nodes' }],
    // MetalLB's speakers find each other by it.
    [isNode && metallb !== undefined, { protocol: 'tcp', ports: [7946], from: 'nodes' }],
    [isNode && metallb !== undefined, { protocol: 'udp', ports: [7946], from: 'nodes' }],
    [roles.includes('database'), { protocol: 'tcp', ports: [database.port], from: 'servers' }],
    [roles.includes('nfs'), { protocol: 'tcp', ports: [2049], from: 'nodes' }],
  ];
  return rules.filter(([needed]) => needed).map(([, rule]) => rule);
}

/** Addresses of a group of hosts, of one family. */
export function peerAddresses(
  topology: Pick<Topology, 'servers' | 'nodes'>,
  peers: 'servers' | 'nodes',
  family: 4 | 6,
): string[] {
  const addresses = topology[peers].flatMap((host) => host.nodeIps);
  return [...new Set(addresses)].filter((address) => familyOf(address) === family);
}

/** The networks of pods and services of one family: their traffic is the cluster's own. */
export function clusterNetworks({ network }: Pick<Topology, 'network'>, family: 4 | 6): string[] {
  return [...network.pods, ...network.services].filter(
    (cidr) => familyOf(cidr.slice(0, cidr.indexOf('/'))) === family,
  );
}
