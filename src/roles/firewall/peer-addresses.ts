import { extraSetting } from '../../model/extra-config';
import type { Host, Topology } from '../../model/topology';
import { contains, familyOf, familyOfNetwork, parseRange } from '../../net/address';
import type { Peers } from '../role';

/** Where flannel finds the other nodes with `flannel-external-ip`. */
function externalIps(host: Host): string[] {
  return [extraSetting(host, 'node-external-ip') ?? []].flat().flatMap((value) => String(value).split(','));
}

/** Addresses and networks that packets of a group of hosts come from, of one family. */
export function peerAddresses(
  { servers, nodes, databases, network }: Pick<Topology, 'servers' | 'nodes' | 'databases' | 'network'>,
  peers: Exclude<Peers, 'anyone'>,
  family: 4 | 6,
): string[] {
  const hosts = { servers, nodes, subnets: nodes, datastore: [...servers, ...databases] }[peers];
  const outside = String(extraSetting(servers[0], 'flannel-external-ip')) === 'true';
  const all = hosts.flatMap((host) => [...host.nodeIps, ...(outside ? externalIps(host) : [])]);
  const addresses = [...new Set(all)].filter((address) => familyOf(address) === family);
  if (peers !== 'subnets') return addresses;
  const subnets = network.nodes.filter((subnet) => familyOfNetwork(subnet) === family);
  const ranges = subnets.flatMap((subnet) => parseRange(subnet) ?? []);
  const isElsewhere = (address: string) => {
    const range = parseRange(address);
    return range && !ranges.some((subnet) => contains(subnet, range));
  };
  return [...subnets, ...addresses.filter(isElsewhere)];
}
