import type { Config } from '../../src/config/config';
import { agentKeys, clusterWideKeys, ownedKeys } from '../../src/config/k3s-keys';
import { resolve } from '../../src/model/resolve';
import type { K3sConfig, Topology } from '../../src/model/topology';
import { leaderElection } from '../../src/roles/k3s/leader-election';
import { nodeConfig } from '../../src/roles/k3s/node-config';
import { configOf, configOfFile } from '../support/config';

const config = configOfFile('cluster.yaml');

function k3sConfigOf(topology: Topology, name: string): K3sConfig {
  const host = topology.hosts.find((other) => other.name === name);
  if (!host) throw new Error(`there is no host ${name}`);
  return nodeConfig(topology, host);
}

/** The reference cluster with extra k3s configuration. */
function withExtra(
  all: Config['k3s']['config'],
  own: Record<string, Config['k3s']['config']> = {},
): Topology {
  return resolve({
    ...config,
    k3s: { ...config.k3s, config: all },
    hosts: config.hosts.map((host) => ({ ...host, config: own[host.name] ?? {} })),
  });
}

/** Of several servers with one database host. */
const fewWrites = [
  'leader-elect-lease-duration=20s',
  'leader-elect-renew-deadline=15s',
  'leader-elect-retry-period=5s',
];

test('a server of the reference cluster', () => {
  expect(k3sConfigOf(resolve(config), 'server1')).toEqual({
    'agent-token-file': '/etc/rancher/k3s/agent-token',
    'cluster-cidr': '10.42.0.0/16',
    'cluster-dns': '10.43.0.10',
    'datastore-cafile': '/etc/rancher/k3s/datastore/ca.crt',
    'datastore-certfile': '/etc/rancher/k3s/datastore/client.crt',
    'datastore-endpoint': 'postgres://k3s@192.168.10.10:5432/k3s',
    'datastore-keyfile': '/etc/rancher/k3s/datastore/client.key',
    disable: ['servicelb', 'local-storage'],
    'https-listen-port': 7443,
    'kube-apiserver-arg': ['authentication-config=/etc/rancher/k3s/authentication.yaml'],
    'kube-cloud-controller-manager-arg': fewWrites,
    'kube-controller-manager-arg': fewWrites,
    'kube-scheduler-arg': fewWrites,
    'node-ip': '192.168.10.11',
    'node-name': 'server1',
    'secrets-encryption': true,
    'service-cidr': '10.43.0.0/16',
    'tls-san': ['192.168.10.5', 'k3s.home.arpa'],
    'token-file': '/etc/rancher/k3s/token',
  });
});

test('a single server elects no leader: it would wait for its own lease, and end when the database is slow', () => {
  const [server] = withExtra({}).servers;
  const single = resolve({
    ...config,
    hosts: config.hosts.filter(({ name, roles }) => name === server?.name || !roles.includes('server')),
  });
  expect(single.servers).toHaveLength(1);
  for (const component of ['kube-controller-manager', 'kube-cloud-controller-manager', 'kube-scheduler'])
    expect(k3sConfigOf(single, 'server1')[`${component}-arg`]).toEqual(['leader-elect=false']);
});

test("nobody renews a lease every two seconds: that would be most of what the database's disk gets", () => {
  const retry = (lease: readonly string[]) => lease.find((each) => each.includes('retry-period'));
  const [server] = withExtra({}).servers;
  const only = config.hosts.filter(({ name, roles }) => name === server?.name || !roles.includes('server'));
  for (const hosts of [only, config.hosts]) {
    const { args, environment } = leaderElection(resolve({ ...config, hosts }));
    expect(environment).toMatchObject({ CATTLE_ELECTION_RETRY_PERIOD: '10s' });
    expect(retry(args)).toBe(hosts === only ? undefined : 'leader-elect-retry-period=5s');
  }
});

test('an agent of the reference cluster', () => {
  expect(k3sConfigOf(resolve(config), 'agent1')).toEqual({
    'node-ip': '192.168.10.21',
    'node-name': 'agent1',
    server: 'https://192.168.10.5:6443',
    'token-file': '/etc/rancher/k3s/token',
  });
});

test('a host that runs no k3s has no config for it', () => {
  expect(k3sConfigOf(resolve(config), 'storage1')).toEqual({});
});

test('cluster-wide keys are the same on all servers: k3s does not check that with an external datastore', () => {
  const topology = withExtra({ 'flannel-backend': 'host-gw', 'cluster-domain': 'home.arpa' });
  const wide = [
    ...clusterWideKeys,
    'cluster-cidr',
    'service-cidr',
    'cluster-dns',
    'disable',
    'datastore-endpoint',
  ];
  const values = topology.servers.map(({ name }) => wide.map((key) => k3sConfigOf(topology, name)[key]));
  expect(values[1]).toEqual(values[0]);
  expect(values[2]).toEqual(values[0]);
});

test('an agent gets only keys that it knows: it does not start with another', () => {
  const topology = withExtra({
    'kube-apiserver-arg': ['v=2'],
    'flannel-backend': 'host-gw',
    'disable-default-registry-endpoint': true,
    'kubelet-arg': ['max-pods=50'],
    'not-a-key': 1,
  });
  const ours = ['node-ip', 'node-name', 'server', 'token-file'];
  const keys = Object.keys(k3sConfigOf(topology, 'agent1'));
  expect(keys.filter((key) => !ours.includes(key))).toEqual([
    'disable-default-registry-endpoint',
    'kubelet-arg',
  ]);
  expect(keys.filter((key) => !agentKeys.has(key) && !Object.hasOwn(ownedKeys, key))).toEqual([]);
});

test("a host's settings override those of all nodes", () => {
  const topology = withExtra(
    { debug: true, 'kubelet-arg': ['max-pods=50', 'v=2', 'feature-gates+=A=true'] },
    { server1: { debug: false, 'kubelet-arg': ['--max-pods=60', 'feature-gates+=B=true'] } },
  );
  expect(k3sConfigOf(topology, 'server1')).toMatchObject({
    debug: false,
    'kubelet-arg': ['v=2', 'feature-gates+=A=true', '--max-pods=60', 'feature-gates+=B=true'],
  });
  expect(k3sConfigOf(topology, 'server2')).toMatchObject({
    debug: true,
    'kubelet-arg': ['max-pods=50', 'v=2', 'feature-gates+=A=true'],
  });
});

test('lists that this tool needs are added to, not replaced', () => {
  const server = k3sConfigOf(
    withExtra(
      { 'tls-san': ['a.example'], 'kube-apiserver-arg': 'v=2' },
      { server1: { 'tls-san': 'b.example' } },
    ),
    'server1',
  );
  expect(server['tls-san']).toEqual(['192.168.10.5', 'k3s.home.arpa', 'a.example', 'b.example']);
  expect(server['kube-apiserver-arg']).toEqual([
    'authentication-config=/etc/rancher/k3s/authentication.yaml',
    'v=2',
  ]);
});

test('labels, taints and the zone reach the node', () => {
  const node = resolve(
    configOf(`
name: labels
ssh: { user: pi }
hosts:
  - name: board
    address: 192.168.10.10
    roles: [server, database]
    zone: attic
    labels: { disk: ssd, example.org/rack: "1" }
    taints: ["a=b:PreferNoSchedule"]
k3s: { version: v1.36.2+k3s1 }
`),
  );
  expect(k3sConfigOf(node, 'board')).toMatchObject({
    'node-label': ['disk=ssd', 'example.org/rack=1', 'topology.kubernetes.io/zone=attic'],
    'node-taint': ['a=b:PreferNoSchedule'],
  });
});

const small = `name: small
ssh: { user: pi }
hosts: [{ name: board, address: 192.168.10.10, roles: [server, database] }]
k3s: { version: v1.36.2+k3s1 }
`;

function defaultClass(provisioner: string): Config['objects'][number] {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const metadata = { name: 'fast', annotations };
  const manifest = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata, provisioner };
  return { manifest, place: { path: ['manifests', 0] } };
}

test.each<[string, Partial<Config>, string[]]>([
  ['as the reference cluster has it', {}, ['servicelb', 'local-storage']],
  [
    'without Traefik',
    { addons: { ...config.addons, ingress: 'none' } },
    ['servicelb', 'local-storage', 'traefik'],
  ],
  [
    'without metrics',
    { addons: { ...config.addons, metricsServer: false } },
    ['servicelb', 'local-storage', 'metrics-server'],
  ],
  ['NFS beside the default class', { nfs: { ...config.nfs, default: false } }, ['servicelb']],
  [
    'another default class of the user',
    { nfs: { ...config.nfs, default: false }, objects: [defaultClass('nfs.csi.k8s.io')] },
    ['servicelb', 'local-storage'],
  ],
  [
    "another default class of k3s's own provisioner",
    { nfs: { ...config.nfs, default: false }, objects: [defaultClass('rancher.io/local-path')] },
    ['servicelb'],
  ],
  [
    'ServiceLB beside MetalLB',
    {
      metallb: configOf(
        `${small}metallb: { serviceLB: true, loadBalancerClass: example.net/metallb, pools: [{ name: lan, addresses: [192.168.10.200/29] }] }`,
      ).metallb,
    } as Partial<Config>,
    ['local-storage'],
  ],
])('components that k3s leaves out: %s', (_, change, expected) => {
  expect(k3sConfigOf(resolve({ ...config, ...change }), 'server1').disable).toEqual(expected);
});
