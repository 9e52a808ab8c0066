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
    // Where k3s listens behind haproxy. Agents connect there directly once they have joined.
    { protocol: 'tcp', ports: [k3s.serverPort], from: 'subnets', on: 'server', programs: k3sPrograms },
    { protocol: 'vrrp', ports: [], from: 'servers', on: 'server' },
  ],
  entries: ({ api, k3s }) =>
    api.loadBalancer
      ? [
          {
            ...{ to: 'api', title: 'API: virtual IP', addresses: [`${api.address} :${api.port}`] },
            notes: ['held by one ready server (keepalived)'],
            onward: [`haproxy → :${k3s.serverPort}`, 'of every ready server'],
          },
        ]
      : [],
  programs: ({ api }) => ['keepalived', `haproxy :${api.port}`],
  packages: () => loadBalancerPackages,
  takesOver: 'load-balancer',
  // On a server without a virtual IP any more, the k3s step removes it when its port is needed.
  uninstallers: ({ kind }) => (kind === 'server' ? [] : ['60-load-balancer']),
  effects: () => [
    {
      ...{ step: 'load-balancer', of: ['VIRTUAL_IP', 'PORT'], care: true },
      does: 'the API gets another address: a server that has changed answers at the new one, the others at the old one',
      outage: 'virtual IP and port change',
    },
    {
      ...{ step: 'load-balancer', of: ['haproxy.cfg'], unless: ['VIRTUAL_IP', 'PORT'] },
      does: 'haproxy reloads: open connections stay',
    },
    {
      ...{ step: 'load-balancer', of: ['keepalived.conf'], unless: ['VIRTUAL_IP'] },
      does: 'keepalived reloads: the virtual IP stays where it is',
    },
    {
      ...{ step: 'load-balancer', of: ['haproxy.dropin'], care: true },
      does: 'haproxy restarts: connections through this server end',
    },
    {
      ...{ step: 'load-balancer', of: ['keepalived.dropin'], care: true },
      does: 'keepalived restarts: the virtual IP may move to another server',
    },
  ],
  status: loadBalancerStatus,
};
