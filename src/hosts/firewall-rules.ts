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

/** `datastore`: servers and database hosts. */
export type Peers = 'anyone' | 'servers' | 'nodes' | 'datastore';

/** What rules depend on; hosts that are equal in it have the same. */
export interface FirewalledHost {
  readonly roles: Host['roles'];
  /** Whether it is a host of etcd. @default false */
  readonly quorum?: boolean;
}

/** What a host with these roles lets in. SSH is the owner's: it is never mentioned, so never lost. */
export function firewallRules(host: FirewalledHost, topology: Topology): FirewallRule[] {
  const { api, database, k3s, metallb } = topology;
  const { roles, quorum = false } = host;
  const { cluster } = database;
  const isServer = roles.includes('server');
  const isNode = isServer || roles.includes('agent');
  const datastoreRules: [boolean, FirewallRule][] = cluster
    ? [
        [
          roles.includes('database'),
          { protocol: 'tcp', ports: [database.port, cluster.restPort], from: 'datastore' },
        ],
        [
          quorum,
          { protocol: 'tcp', ports: [cluster.etcd.clientPort, cluster.etcd.peerPort], from: 'datastore' },
        ],
      ]
    : [[roles.includes('database'), { protocol: 'tcp', ports: [database.port], from: 'servers' }]];
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
    ...datastoreRules,
    [roles.includes('nfs'), { protocol: 'tcp', ports: [2049], from: 'nodes' }],
  ];
  return rules.filter(([needed]) => needed).map(([, rule]) => rule);
}

/** Addresses of a group of hosts, of one family. */
export function peerAddresses(
  { servers, nodes, databases }: Pick<Topology, 'servers' | 'nodes' | 'databases'>,
  peers: Exclude<Peers, 'anyone'>,
  family: 4 | 6,
): string[] {
  const hosts = { servers, nodes, datastore: [...servers, ...databases] }[peers];
  const addresses = hosts.flatMap((host) => host.nodeIps);
  return [...new Set(addresses)].filter((address) => familyOf(address) === family);
}

/** The networks of pods and services of one family: their traffic is the cluster's own. */
export function clusterNetworks({ network }: Pick<Topology, 'network'>, family: 4 | 6): string[] {
  return [...network.pods, ...network.services].filter(
    (cidr) => familyOf(cidr.slice(0, cidr.indexOf('/'))) === family,
  );
}
