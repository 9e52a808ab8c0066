import { apiTraffic, k3sPrograms } from '../k3s/k3s';
import type { Packages, Role } from '../role';
import { loadBalancerStatus } from './status';

export const loadBalancerPackages: Packages = {
  apt: ['haproxy', 'keepalived'],
  dnf: ['haproxy', 'keepalived'],
};

/** haproxy and keepalived on every server, when there is a virtual IP. */
export const loadBalancer: Role = {
  name: 'load-balancer',
  isOn: (host, { api }) => host.kind === 'server' && api.loadBalancer !== undefined,
  traffic: ({ api, k3s }) => [
    { ...apiTraffic(api), programs: 'haproxy' },
    // k3s made room for haproxy. Agents connect there themselves when they have joined.
    { protocol: 'tcp', ports: [k3s.serverPort], from: 'nodes', on: 'server', programs: k3sPrograms },
    { protocol: 'vrrp', ports: [], from: 'servers', on: 'server' },
  ],
  programs: ({ api }) => ['keepalived', `haproxy :${api.port}`],
  packages: () => loadBalancerPackages,
  takesOver: 'load-balancer',
  // Of a server that has no virtual IP any more, its k3s step takes it away, when its port is needed.
  uninstallers: ({ kind }) => (kind === 'server' ? [] : ['60-load-balancer']),
  status: loadBalancerStatus,
};
