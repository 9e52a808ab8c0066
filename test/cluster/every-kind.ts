import { ExampleChart } from '../../src/apps/example-chart';
import type { UserCharts } from '../../src/cluster/cluster-app';

export const external = 'nfs: { external: { server: nas.example.net, path: /export }, provisioner:';
export const pools = 'pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }]';
const bgp = (backend: string) =>
  `metallb: { ${pools}, mode: bgp, bgp: { asn: 1, backend: ${backend}, peers: [{ name: r, address: 192.168.10.1, asn: 2 }] } }`;

export const allAddons = `addons:
  ingress: { controller: traefik, pool: lan }
  certManager: { issuers: [{ name: self, selfSigned: {} }] }
  headlamp: { host: ui.example.net }
  systemUpgrade: true`;

const example: UserCharts = (app, topology) => {
  new ExampleChart(app, '50-example', { topology, host: 'example.home.arpa', pool: 'lan' });
};

/** Clusters that together make every object that can be made: name, sections of cluster.yaml, charts of the user. */
export const clusters: readonly (readonly [string, string, UserCharts?])[] = [
  ['MetalLB in mode l2, subdir', `metallb: { ${pools} }\n${external} subdir }`],
  ['MetalLB with native BGP, csi', `${bgp('native')}\n${external} csi }`],
  ['MetalLB with FRR', bgp('frr')],
  ['MetalLB with frr-k8s', bgp('frr-k8s')],
  ['all add-ons', `metallb: { ${pools} }\n${allAddons}`],
  ['the example app', `metallb: { ${pools} }\n${external} subdir }`, example],
];
