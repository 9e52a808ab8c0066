import { nameList } from '../../model/host-groups';
import type { Host, Topology } from '../../model/topology';

/** Hosts that are off, and why k3s can neither start nor restart on the others meanwhile. */
export interface MissingForK3s {
  readonly hosts: readonly Host[];
  readonly reason: string;
}

/** @param off names of hosts that do not answer */
export function missingForK3s(
  { databases, quorum, servers, nfs }: Topology,
  off: ReadonlySet<string>,
): MissingForK3s[] {
  const missing = (hosts: readonly Host[]) => hosts.filter(({ name }) => off.has(name));
  const names = (hosts: readonly Host[]) => nameList(hosts.map(({ name }) => name));
  const found: MissingForK3s[] = [];
  if (databases.length > 0 && missing(databases).length === databases.length)
    found.push({
      hosts: databases,
      reason: `k3s does not start without its database, which is on ${names(databases)}`,
    });
  const lost = missing(quorum);
  if (quorum.length > 0 && lost.length * 2 >= quorum.length)
    found.push({
      hosts: lost,
      reason: `the database has no primary without most of its etcd hosts, ${names(quorum)}`,
    });
  if (missing(servers).length === servers.length)
    found.push({
      hosts: servers,
      reason: `k3s does not start on agents without a server, ${names(servers)}`,
    });
  if (nfs && off.has(nfs.host.name))
    found.push({
      hosts: [nfs.host],
      reason: `pods with volumes neither start nor end without the NFS server ${nfs.host.name}`,
    });
  return found;
}
