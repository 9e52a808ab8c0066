import { extraSetting } from '../../model/extra-config';
import type { Host, Topology } from '../../model/topology';
import { familyOf } from '../../net/address';
import type { Peers } from '../role';

/** Where flannel finds the other nodes with `flannel-external-ip`. */
function externalIps(host: Host): string[] {
  return [extraSetting(host, 'node-external-ip') ?? []].flat().flatMap((value) => String(value).split(','));
}

/** Addresses of a group of hosts, of one family. */
export function peerAddresses(
  { servers, nodes, databases }: Pick<Topology, 'servers' | 'nodes' | 'databases'>,
  peers: Exclude<Peers, 'anyone'>,
  family: 4 | 6,
): string[] {
  const hosts = { servers, nodes, datastore: [...servers, ...databases] }[peers];
  const outside = String(extraSetting(servers[0], 'flannel-external-ip')) === 'true';
  const addresses = hosts.flatMap((host) => [...host.nodeIps, ...(outside ? externalIps(host) : [])]);
  return [...new Set(addresses)].filter((address) => familyOf(address) === family);
}
