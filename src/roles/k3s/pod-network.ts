import { extraSetting } from '../../model/extra-config';
import type { Topology } from '../../model/topology';
import { tunnelPorts } from './ports';

/** How pods' packets get from node to node. */
export interface PodNetwork {
  /** flannel's. Undefined: packets are routed without a tunnel. */
  readonly tunnel?: 'VXLAN' | 'WireGuard';
  /** UDP. Empty without a tunnel. */
  readonly ports: readonly number[];
  /**
   * Interfaces of a node at which packets of pods come in: those of its own pods, and those of the tunnels.
   * Undefined: the machine's own interfaces, or the owner's network plugin decides.
   */
  readonly interfaces?: readonly string[];
}

/** Bridge of the pods of a node. */
const bridge = 'cni0';

/** flannel's interfaces, one a family. */
const interfaces = { VXLAN: ['flannel.1', 'flannel-v6.1'], WireGuard: ['flannel-wg', 'flannel-wg-v6'] };

/**
 * All interfaces at which packets of pods can come in with k3s's own network plugin, whatever its backend.
 */
export const podInterfaces: readonly string[] = [bridge, ...interfaces.VXLAN, ...interfaces.WireGuard];

/** Keys of k3s with which another tunnel, or another bridge, is possible. */
const ownNetwork = ['flannel-conf', 'flannel-cni-conf', 'vpn-auth', 'vpn-auth-file'];

/** flannel's defaults; WireGuard has a port for each family. */
export function podNetwork({ servers, nodes }: Pick<Topology, 'servers' | 'nodes'>): PodNetwork {
  const backend = extraSetting(servers[0], 'flannel-backend') ?? 'vxlan';
  if (backend === 'host-gw') return { ports: [] };
  const tunnel = backend === 'wireguard-native' ? 'WireGuard' : 'VXLAN';
  const isOwn =
    backend === 'none' ||
    nodes.some((host) => ownNetwork.some((key) => extraSetting(host, key) !== undefined));
  return {
    tunnel,
    ports: tunnelPorts[tunnel],
    ...(!isOwn && { interfaces: [bridge, ...interfaces[tunnel]] }),
  };
}
