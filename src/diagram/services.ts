import type { Host, Topology } from '../model/topology';
import type { Service } from '../roles/role';
import { dataServices } from '../roles/roles';

/** A machine is drawn once, so what keeps data on a node stands there. */
export function servicesOn(hosts: readonly Host[], topology: Topology): Service[] {
  return dataServices(topology).filter(({ host }) => host !== undefined && hosts.includes(host));
}

/** What keeps data elsewhere. */
export function servicesBesideNodes(topology: Topology): ReturnType<typeof dataServices> {
  return dataServices(topology).filter(({ host }) => host === undefined || !topology.nodes.includes(host));
}

/** Who connects to a service of a node, and how. */
export function reachedBy({ from, by }: Service): [who: string, how: string] {
  return [`from ${from === 'nodes' ? 'all nodes' : 'servers'}:`, by];
}
