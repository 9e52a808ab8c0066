import { App, Chart, Testing } from 'cdk8s';
import { CertManagerChart } from '../../src/cluster/addons/cert-manager-chart';
import { HeadlampChart } from '../../src/cluster/addons/headlamp-chart';
import { SystemUpgradeChart } from '../../src/cluster/addons/system-upgrade-chart';
import { TraefikChart } from '../../src/cluster/addons/traefik-chart';
import { LateObjects } from '../../src/cluster/helm/late-objects';
import { Bgp } from '../../src/cluster/metallb/bgp';
import { FrrK8sChart } from '../../src/cluster/metallb/frr-k8s-chart';
import { L2Advertisements } from '../../src/cluster/metallb/l2';
import { Pools } from '../../src/cluster/metallb/pools';
import { Speaker } from '../../src/cluster/metallb/speaker';
import { NamespacesChart } from '../../src/cluster/namespaces-chart';
import { csiProvisioner } from '../../src/cluster/nfs/csi-provisioner';
import { Account, Grant } from '../../src/cluster/rbac';
import { toYaml } from '../../src/cluster/yaml';
import type { Metallb } from '../../src/model/metallb';
import type { Topology } from '../../src/model/topology';
import { everyField } from '../support/every-field';

// `test/golden` has the others, as they are by default.
const [l2, bgp] = [everyField('one-database'), everyField('two-databases')];

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the cluster has no such thing');
  return value;
}

const metallbOf = (topology: Topology): Metallb => there(topology.metallb);

test.each<[string, (chart: Chart) => void]>([
  ['Pools', (chart) => new Pools(chart, 'pools', metallbOf(l2).pools)],
  ['L2Advertisements', (chart) => new L2Advertisements(chart, 'l2', metallbOf(l2).l2Advertisements)],
  ['Bgp', (chart) => new Bgp(chart, 'bgp', metallbOf(bgp))],
  [
    'Speaker with FRR',
    (chart) => {
      const account = new Account(chart, 'account', { name: 'speaker', namespace: 'metallb-system' });
      const metallb = { ...metallbOf(l2), backend: 'frr' } as const;
      new Speaker(chart, 'speaker', { metallb, images: l2.images, account });
    },
  ],
  [
    'Grant in a namespace',
    (chart) =>
      new Grant(chart, 'grant', {
        name: 'grant',
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
        to: [{ name: 'account', namespace: 'here' }],
        namespace: 'there',
      }),
  ],
  [
    'LateObjects',
    (chart) =>
      new LateObjects(chart, 'late', {
        name: 'late',
        targetNamespace: 'there',
        objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
      }),
  ],
  [
    'the CSI provisioner',
    (chart) => csiProvisioner.build(chart, { storage: there(bgp.storage), images: bgp.images }),
  ],
])('%s', (_, make) => {
  const chart = new Chart(new App(), 'test', { disableResourceNameHashes: true });
  make(chart);
  expect(toYaml(...Testing.synth(chart))).toMatchSnapshot();
});

test.each<[string, (app: App) => Chart]>([
  [
    'NamespacesChart',
    (app) =>
      new NamespacesChart(app, 'chart', {
        cluster: 'test',
        namespaces: [
          { name: 'open', podSecurity: 'privileged' },
          { name: 'closed', podSecurity: 'restricted', openPorts: [] },
          { name: 'shop', podSecurity: 'baseline', openPorts: [80, 'https'] },
        ],
      }),
  ],
  [
    'TraefikChart',
    (app) => {
      const { loadBalancerClass } = metallbOf(l2);
      return new TraefikChart(app, 'chart', {
        cluster: 'test',
        traefik: there(l2.addons.traefik),
        loadBalancerClass,
      });
    },
  ],
  [
    'CertManagerChart',
    (app) =>
      new CertManagerChart(app, 'chart', {
        cluster: 'test',
        certManager: there(l2.addons.certManager),
        source: there(l2.charts['cert-manager']),
        nodes: 1,
        imageMirror: l2.imageMirror,
      }),
  ],
  [
    'HeadlampChart',
    (app) =>
      new HeadlampChart(app, 'chart', {
        cluster: 'test',
        headlamp: there(l2.addons.headlamp),
        source: there(l2.charts.headlamp),
        imageMirror: l2.imageMirror,
      }),
  ],
  [
    'SystemUpgradeChart',
    (app) => new SystemUpgradeChart(app, 'chart', { cluster: 'test', images: l2.images }),
  ],
  [
    'FrrK8sChart',
    (app) =>
      new FrrK8sChart(app, 'chart', {
        cluster: 'test',
        source: there(bgp.charts['frr-k8s']),
        speaker: metallbOf(l2).speaker,
        imageMirror: l2.imageMirror,
      }),
  ],
])('%s', (_, make) => {
  expect(toYaml(...Testing.synth(make(new App())))).toMatchSnapshot();
});
