import type { Topology } from '../../model/topology';
import { familyOf } from '../../net/address';
import type { Peers } from '../role';

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
