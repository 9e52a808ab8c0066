import type { Topology } from './topology';

/** How packets of pods get from node to node: flannel's tunnel. */
export interface PodNetwork {
  readonly tunnel: 'VXLAN' | 'WireGuard';
  /** UDP. */
  readonly ports: readonly number[];
}

/** flannel's defaults; WireGuard has a port for each family. */
export function podNetwork({ servers }: Pick<Topology, 'servers'>): PodNetwork {
  return servers[0]?.k3sConfig?.['flannel-backend'] === 'wireguard-native'
    ? { tunnel: 'WireGuard', ports: [51820, 51821] }
    : { tunnel: 'VXLAN', ports: [8472] };
}
