import { extraSetting } from '../../model/extra-config';
import type { Topology } from '../../model/topology';
import type { Role, Traffic } from '../role';
import { k3sEffects } from './effects';
import { podNetwork } from './pod-network';
import { kubeletPort, registryPort } from './ports';
import { nodeSecrets } from './secrets';
import { k3sStatus } from './status';

/** Programs that may already have k3s's ports. */
export const k3sPrograms = 'k3s,k3s-server,k3s-agent';

/** To haproxy, or to k3s itself. */
export function apiTraffic({ port }: Topology['api']): Traffic {
  return { protocol: 'tcp', ports: [port], from: 'anyone', on: 'server' };
}

/** Servers and agents. */
export const k3s: Role = {
  name: 'k3s',
  isOn: (host) => host.kind !== 'none',
  traffic: (topology, { kind }) => {
    const { api } = topology;
    const { ports, tunnel } = podNetwork(topology);
    const amongNodes = { from: 'subnets', on: 'node' } as const;
    return [
      ...(kind === 'server' && !api.loadBalancer ? [{ ...apiTraffic(api), programs: k3sPrograms }] : []),
      ...(tunnel
        ? [
            {
              ...amongNodes,
              protocol: 'udp',
              ports,
              between: { name: 'pods', by: tunnel },
            } as const,
          ]
        : []),
      ...(String(extraSetting(topology.servers[0], 'embedded-registry')) === 'true'
        ? [{ ...amongNodes, protocol: 'tcp', ports: [registryPort], programs: k3sPrograms } as const]
        : []),
      {
        ...amongNodes,
        protocol: 'tcp',
        ports: [kubeletPort],
        programs: k3sPrograms,
        // For logs, exec and metrics.
        between: { name: 'kubelet' },
      },
    ];
  },
  routed: (topology) => (podNetwork(topology).tunnel ? [] : [{ name: 'pods', by: 'routes' }]),
  entries: ({ metallb }) =>
    metallb
      ? []
      : [
          {
            ...{ to: 'services', title: 'ServiceLB', addresses: [] },
            notes: ['services of type LoadBalancer get the addresses of the nodes'],
          },
        ],
  programs: ({ k3s: { serverPort } }, { kind }) => (kind === 'server' ? [`k3s server :${serverPort}`] : []),
  // Enterprise Linux has curl or `curl-minimal`, which is enough and conflicts with the other.
  packages: ({ k3s: { artifacts } }) => ({
    apt: artifacts === undefined ? ['curl'] : [],
    dnf: [],
    // Labels of k3s and its containers.
    selinux: ['container-selinux'],
  }),
  takesOver: 'k3s',
  // The second keeps pods from storage, and only nodes have it.
  uninstallers: () => ['50-k3s', '25-pods'],
  // k3s, its images and its logs.
  freeSpaceMb: 2048,
  containers: true,
  secrets: nodeSecrets,
  effects: k3sEffects,
  status: k3sStatus,
};
