import type { Role } from '../role';
import { podNetwork } from './pod-network';
import { kubeletPort } from './ports';

/** What may have k3s's ports already. */
export const k3sPrograms = 'k3s,k3s-server,k3s-agent';

/** Servers and agents. */
export const k3s: Role = {
  name: 'k3s',
  isOn: (host) => host.kind !== 'none',
  traffic: (topology, { kind }) => {
    const { api } = topology;
    const tunnels = podNetwork(topology).ports;
    return [
      ...(kind === 'server' && !api.loadBalancer
        ? [
            {
              protocol: 'tcp',
              ports: [api.port],
              from: 'anyone',
              on: 'server',
              programs: k3sPrograms,
            } as const,
          ]
        : []),
      ...(tunnels.length > 0
        ? [{ protocol: 'udp', ports: tunnels, from: 'nodes', on: 'node' } as const]
        : []),
      // For logs, exec and metrics.
      { protocol: 'tcp', ports: [kubeletPort], from: 'nodes', on: 'node', programs: k3sPrograms },
    ];
  },
  // Enterprise Linux has curl, or `curl-minimal`, which does as well and excludes the other.
  packages: ({ k3s: { artifacts } }) => ({ apt: artifacts === undefined ? ['curl'] : [], dnf: [] }),
  takesOver: 'k3s',
  // The second keeps pods from storage, which only nodes have.
  uninstallers: () => ['50-k3s', '25-pods'],
  // k3s, its images and its logs.
  freeSpaceMb: 2048,
};
