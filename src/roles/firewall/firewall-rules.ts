import { podNetwork } from '../../model/pod-network';
import type { Host, Topology } from '../../model/topology';
import { familyOf } from '../../net/address';

/** Traffic to a host that its roles need. */
export interface FirewallRule {
  readonly protocol: 'tcp' | 'udp' | 'vrrp';
  /** Empty for protocols that have none. */
  readonly ports: readonly number[];
  /** Whose traffic; `anyone` for what clients use. */
  readonly from: Peers;
  /** Whether nodes keep their pods from it, which would come with the node's address. @default false */
  readonly closedToPods?: boolean;
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
  const { api, k3s, metallb } = topology;
  const { roles } = host;
  const isServer = roles.includes('server');
  const runsPods = isNode(host);
  const tunnels = podNetwork(topology).ports;
  const rules: [boolean, FirewallRule][] = [
    [isServer, { protocol: 'tcp', ports: [api.port], from: 'anyone' }],
    [isServer && k3s.serverPort !== api.port, { protocol: 'tcp', ports: [k3s.serverPort], from: 'nodes' }],
    [isServer && api.loadBalancer !== undefined, { protocol: 'vrrp', ports: [], from: 'servers' }],
    [runsPods && tunnels.length > 0, { protocol: 'udp', ports: tunnels, from: 'nodes' }],
    // kubelet, for logs, exec and metrics.
    [runsPods, { protocol: 'tcp', ports: [10250], from: 'nodes' }],
    // MetalLB's speakers find each other by it.
    [runsPods && metallb !== undefined, { protocol: 'tcp', ports: [7946], from: 'nodes' }],
    [runsPods && metallb !== undefined, { protocol: 'udp', ports: [7946], from: 'nodes' }],
    ...datastoreRules(host, topology),
    [
      roles.includes('nfs'),
      { protocol: 'tcp', ports: [2049], from: 'nodes', closedToPods: !topology.openToPods.nfs },
    ],
  ];
  return rules.filter(([needed]) => needed).map(([, rule]) => rule);
}

export function isNode({ roles }: FirewalledHost): boolean {
  return roles.includes('server') || roles.includes('agent');
}

function datastoreRules(
  { roles, quorum = false }: FirewalledHost,
  { database, openToPods }: Topology,
): [boolean, FirewallRule][] {
  const { cluster, port } = database;
  const isDatabase = roles.includes('database');
  const rule = (ports: readonly number[], from: Peers, closedToPods = true): FirewallRule => ({
    protocol: 'tcp',
    ports,
    from,
    closedToPods,
  });
  return [
    [isDatabase, rule([port], cluster ? 'datastore' : 'servers', !openToPods.database)],
    // Pods come with the address of their node.
    [isDatabase && openToPods.database, rule([port], 'nodes', false)],
    ...(cluster
      ? ([
          [isDatabase, rule([cluster.restPort], 'datastore')],
          [quorum, rule([cluster.etcd.clientPort, cluster.etcd.peerPort], 'datastore')],
        ] satisfies [boolean, FirewallRule][])
      : []),
  ];
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
