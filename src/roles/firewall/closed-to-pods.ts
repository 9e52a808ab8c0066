import type { Host, Topology } from '../../model/topology';
import { familyOf } from '../../net/address';
import { nfsPort, portMounted } from '../nfs/ports';
import type { Traffic } from '../role';
import { trafficTo } from '../roles';

/** A port that nodes close to their pods. */
export interface ClosedPort {
  readonly port: number;
  /** Where. Undefined: the server is written as a name, which may lead anywhere. */
  readonly addresses?: readonly string[];
}

/**
 * What pods must not connect to: storage, the database and what controls it. Their packets leave a node with
 * its own address, which the servers trust; the node's own traffic is not affected.
 */
export function closedToPods(topology: Topology): ClosedPort[] {
  const addresses = new Map<number, Set<string>>();
  const close = (ports: readonly number[], where: readonly string[]) => {
    for (const port of ports) addresses.set(port, new Set([...(addresses.get(port) ?? []), ...where]));
  };
  for (const host of topology.hosts) {
    close(closedPorts(trafficTo(host, topology)), addressesOf(host, topology));
  }
  const named: number[] = [];
  for (const { server, port } of foreignNfs(topology))
    if (familyOf(server) === undefined) named.push(port);
    else close([port], [server]);
  return [
    ...[...addresses].map(([port, where]) => ({ port, addresses: [...where] })),
    ...[...new Set(named)].map((port) => ({ port })),
  ].sort((a, b) => a.port - b.port);
}

/** Ports that pods must not connect to, of the rules of a host. */
export function closedPorts(rules: readonly Traffic[]): number[] {
  return rules.flatMap(({ ports, closedToPods }) => (closedToPods ? ports : []));
}

/** All addresses in cluster.yaml; the virtual IP may be on any server. */
function addressesOf({ address, nodeIps, roles }: Host, { api }: Topology): string[] {
  const virtualIp = roles.includes('server') ? api.loadBalancer?.virtualIp : undefined;
  return [...nodeIps, address, ...(virtualIp === undefined ? [] : [virtualIp])].filter(
    (each) => familyOf(each) !== undefined,
  );
}

/** External servers that let in nodes: for volumes, and for backups that a node makes. */
function foreignNfs({ nfs, storage, database, backupHosts, openToPods }: Topology) {
  if (openToPods.nfs) return [];
  const [, backupServer] = /^\[?(.+?)\]?:\//.exec(database.backup.nfs ?? '') ?? [];
  return [
    ...(storage && !nfs ? [{ server: storage.server, port: portMounted(storage.mountOptions) }] : []),
    ...(backupServer !== undefined && backupHosts.some(({ kind }) => kind !== 'none')
      ? [{ server: backupServer, port: nfsPort }]
      : []),
  ];
}
