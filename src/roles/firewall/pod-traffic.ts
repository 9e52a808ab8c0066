import type { Host, Topology } from '../../model/topology';
import { familyOfNetwork } from '../../net/address';
import { podNetwork } from '../k3s/pod-network';
import { peerAddresses } from './peer-addresses';

/** Traffic of pods that a node lets in and forwards, of one family. */
export interface PodTraffic {
  readonly networks: readonly string[];
  /**
   * Where packets from pods come in, and those to pods go out. Undefined: at the machine's own interfaces, so
   * that only their addresses distinguish them.
   */
  readonly interfaces?: readonly string[];
  /** Addresses of nodes, whose own packets to pods come in as those of other machines do. Empty with `interfaces`. */
  readonly nodes: readonly string[];
}

/** Undefined for hosts without pods, which have nothing to do with their addresses. */
export function podTraffic(
  { kind }: Pick<Host, 'kind'>,
  topology: Topology,
): ((family: 4 | 6) => PodTraffic) | undefined {
  if (kind === 'none') return undefined;
  const { interfaces } = podNetwork(topology);
  return (family) => ({
    networks: topology.network.pods.filter((network) => familyOfNetwork(network) === family),
    ...(interfaces && { interfaces }),
    nodes: interfaces ? [] : peerAddresses(topology, 'nodes', family),
  });
}
