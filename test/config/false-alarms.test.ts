import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { parseConfig } from '../../src/config/load';

// Random but seeded clusters as people have them. Each is right, so nothing is said about it: a warning that is wrong once
// is not read the second time.

const runs = { seed: 20261129, numRuns: 150 } as const;

const word = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);
const scalar = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.boolean(),
  fc.integer(),
  fc.constantFrom(
    'yes',
    'no',
    'on',
    '12:30',
    '0700',
    '1_000',
    '1.10',
    '2026-01-02',
    '1e5',
    0.5,
    1.25,
    1e21,
    -0.1,
  ),
);
/** What a chart takes: anything. */
const values = fc.dictionary(
  word,
  fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(word, scalar)),
  {
    maxKeys: 3,
  },
);

const nodeConfig = fc.record(
  {
    'kubelet-arg': fc.subarray([
      'max-pods=200',
      'v=2',
      'image-gc-high-threshold=80',
      'node-status-update-frequency=5s',
    ]),
    'node-external-ip': fc.constant('198.51.100.7'),
    debug: fc.boolean(),
    snapshotter: fc.constantFrom('overlayfs', 'native'),
  },
  { requiredKeys: [] },
);

const clusterConfig = fc.record(
  {
    'secrets-encryption': fc.boolean(),
    'flannel-backend': fc.constantFrom('vxlan', 'host-gw', 'wireguard-native'),
    'kube-apiserver-arg': fc.subarray(['audit-log-maxage=30', 'event-ttl=2h', 'profiling=false']),
    'kube-proxy-arg': fc.constantFrom(
      'proxy-mode=iptables',
      ['proxy-mode=ipvs', 'ipvs-strict-arp=true'],
      ['proxy-mode=nftables'],
    ),
    'write-kubeconfig-mode': fc.constantFrom('0600', '640'),
    'embedded-registry': fc.boolean(),
    'kubelet-arg': fc.constantFrom('max-pods=200', ['v=2']),
    'tls-san': fc.constantFrom('k3s.example.net', ['a.example.net', '192.168.10.9']),
  },
  { requiredKeys: [] },
);

const settings = fc.record(
  {
    shared_buffers: fc.constantFrom('128MB', '1GB', 16384),
    synchronous_commit: fc.constantFrom('on', 'off', 'local', true),
    checkpoint_completion_target: fc.constantFrom(0.9, '0.90'),
    random_page_cost: fc.constantFrom(1.1, 1, '1.10'),
    jit: fc.constantFrom('off', false, 'no', 0),
    unix_socket_permissions: fc.constantFrom('0700', 448),
    log_min_duration_statement: fc.constantFrom('250ms', -1, '1s'),
    'pg_stat_statements.max': fc.constant(1000),
  },
  { requiredKeys: [] },
);

const count = fc.integer({ min: 1, max: 30 });
const keep = fc.record({ last: count, daily: count, weekly: count }, { requiredKeys: ['last'] });

const backup = fc.record(
  {
    keep,
    drill: fc.record({ enabled: fc.boolean(), days: count }, { requiredKeys: [] }),
    offsite: fc.record(
      {
        repository: fc.constantFrom(
          'sftp:backup@nas.example.net:/homelab',
          's3:https://s3.example.net/homelab',
        ),
        keep,
        prune: fc.boolean(),
      },
      { requiredKeys: ['repository'] },
    ),
  },
  { requiredKeys: [] },
);

/** Of the LAN 192.168.10.0/24: hosts have 10 to 49, pools 100 to 239. */
const pool = fc.record({ start: fc.integer({ min: 100, max: 220 }), size: fc.integer({ min: 0, max: 18 }) });

const layer2 = pool.map(({ start, size }) => ({
  pools: [{ name: 'lan', addresses: [`192.168.10.${start}-192.168.10.${start + size}`] }],
}));

const vlan = fc.integer({ min: 2, max: 200 }).map((tag) => ({
  pools: [
    { name: 'lan', addresses: ['192.168.10.240/29'] },
    {
      name: 'iot',
      addresses: [`192.168.${tag === 10 ? 11 : tag}.100-192.168.${tag === 10 ? 11 : tag}.120`],
      autoAssign: false,
    },
  ],
  l2: {
    advertisements: [
      { name: 'lan', pools: ['lan'] },
      { name: 'iot', pools: ['iot'], interfaces: [`eth0.${tag}`] },
    ],
  },
}));

const routed = fc.integer({ min: 64512, max: 65534 }).map((asn) => ({
  mode: 'bgp',
  pools: [{ name: 'svc', addresses: ['10.99.8.0/26'], allocation: { namespaces: ['kube-system', 'web'] } }],
  bgp: { asn, peers: [{ name: 'router', address: '192.168.10.1', asn: 65535 - (asn % 2) - 1023 }] },
}));

const cluster = fc
  .record({
    name: word,
    servers: fc.constantFrom(1, 2, 3),
    agents: fc.nat(4),
    dedicated: fc.boolean(),
    metallb: fc.option(fc.oneof(layer2, vlan, routed), { nil: undefined }),
    clusterConfig,
    nodeConfig,
    settings,
    backup,
    values,
    ingress: fc.constantFrom('traefik', 'none'),
    authority: fc.constantFrom(
      '/etc/ssl/certs/ca-certificates.crt',
      '/etc/rancher/k3s/secrets/registry-ca.crt',
      '/etc/pki/tls/certs/ca-bundle.crt',
    ),
    bastion: fc.boolean(),
  })
  .map((parts) => {
    const {
      servers,
      agents,
      dedicated,
      clusterConfig: config,
      nodeConfig: ofHost,
      settings: postgres,
      authority,
    } = parts;
    const node = (role: string, n: number) => ({
      name: `${role}${n}`,
      address: `192.168.10.${(role === 'server' ? 20 : 30) + n}`,
      roles: [role, ...(role === 'server' && n === 1 && !dedicated ? ['database', 'nfs'] : [])],
      ...(n === 2 && { config: ofHost }),
    });
    return {
      name: parts.name,
      ssh: { user: 'pi', ...(parts.bastion && { bastion: { address: '192.168.10.99', user: 'jump' } }) },
      hosts: [
        ...(dedicated ? [{ name: 'storage', address: '192.168.10.10', roles: ['database', 'nfs'] }] : []),
        ...Array.from({ length: servers }, (_, n) => node('server', n + 1)),
        ...Array.from({ length: agents }, (_, n) => node('agent', n + 1)),
      ],
      ...(servers > 1 && { api: { address: '192.168.10.5' } }),
      k3s: {
        version: 'v1.36.2+k3s1',
        config,
        registries: {
          mirrors: { 'docker.io': {} },
          configs: { 'registry.example.net': { tls: { ca_file: authority } } },
        },
      },
      database: { settings: postgres, backup: parts.backup },
      ...(parts.metallb && { metallb: parts.metallb }),
      addons: { ingress: parts.ingress, certManager: { values: parts.values } },
    };
  });

test('a correct cluster has no findings', () => {
  fc.assert(
    fc.property(cluster, (value) => {
      // As people do who know what YAML 1.1 reads otherwise.
      const text = stringify(value, { compat: 'yaml-1.1' });
      const { issues } = parseConfig(text, 'cluster.yaml');
      expect(issues.map(({ line, message }) => `${line}: ${message}\n${text}`)).toEqual([]);
    }),
    runs,
  );
});
