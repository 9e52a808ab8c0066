import type { Topology } from '../../model/topology';

/** How packets of pods get from node to node. */
export interface PodNetwork {
  /** flannel's. Undefined: packets travel as they are, by routes. */
  readonly tunnel?: 'VXLAN' | 'WireGuard';
  /** UDP. Empty without a tunnel. */
  readonly ports: readonly number[];
  /**
   * Interfaces of a node at which packets of pods come in: those of its own pods, and what comes out of the tunnels.
   * Undefined: at those of the machine itself, or a network plugin of the owner decides.
   */
  readonly interfaces?: readonly string[];
}

/** Bridge of the pods of a node. */
const bridge = 'cni0';

/** flannel's interfaces, one a family. */
const interfaces = { VXLAN: ['flannel.1', 'flannel-v6.1'], WireGuard: ['flannel-wg', 'flannel-wg-v6'] };

/** All that packets of pods can come in by under k3s's own network plugin, whatever its backend. */
export const podInterfaces: readonly string[] = [bridge, ...interfaces.VXLAN, ...interfaces.WireGuard];

/** Keys of k3s with which another tunnel, or another bridge, is possible. */
const ownNetwork = ['flannel-conf', 'flannel-cni-conf', 'vpn-auth', 'vpn-auth-file'];

/** flannel's defaults; WireGuard has a port for each family. */
export function podNetwork({ servers, nodes }: Pick<Topology, 'servers' | 'nodes'>): PodNetwork {
  const backend = servers[0]?.k3sConfig?.['flannel-backend'] ?? 'vxlan';
  if (backend === 'host-gw') return { ports: [] };
  const tunnel = backend === 'wireguard-native' ? 'WireGuard' : 'VXLAN';
  const isOwn =
    backend === 'none' || nodes.some(({ k3sConfig = {} }) => ownNetwork.some((key) => key in k3sConfig));
  return {
    tunnel,
    ports: tunnel === 'WireGuard' ? [51820, 51821] : [8472],
    ...(!isOwn && { interfaces: [bridge, ...interfaces[tunnel]] }),
  };
}
