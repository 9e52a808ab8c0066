import { readFileSync } from 'node:fs';
import { peerName } from '../../src/model/database-cluster';
import { secretFiles } from '../../src/model/secrets';
import { etcdContainer } from '../../src/roles/database-cluster/files/etcd-units';
import {
  patroniConfig,
  patroniDynamicConfig,
  replicationRole,
  rewindRole,
} from '../../src/roles/database-cluster/files/patroni-config';
import { containerfile } from '../../src/roles/database-cluster/files/patroni-containerfile';
import { nodeConfig } from '../../src/roles/k3s/node-config';
import { trafficTo } from '../../src/roles/roles';
import { leaves } from '../../src/secrets/leaves';
import { topologyOf } from '../support/examples';
import { issuesWith, topologyWith } from '../support/topology';

const topology = topologyOf('examples/ha-database.yaml');
const { cluster } = topology.database;
const [storage1] = topology.databases;
if (!cluster || !storage1) throw new Error('the example has several database hosts');

test('etcd runs on three hosts: servers, and database hosts where there are fewer', () => {
  expect(topology.quorum.map(({ name }) => name)).toEqual(['server1', 'server2', 'server3']);
  const one = topologyWith('', [
    '{ name: storage1, address: 192.168.10.31, roles: [database] }',
    '{ name: storage2, address: 192.168.10.32, roles: [database] }',
  ]);
  expect(one.quorum.map(({ name }) => name)).toEqual(['server1', 'storage1', 'storage2']);
  expect(topologyWith('').quorum).toEqual([]);
});

test('every link of Patroni and etcd wants certificates of both sides', () => {
  const { restapi, etcd3, postgresql } = JSON.parse(patroniConfig(storage1, topology, cluster));
  expect(restapi.verify_client).toBe('required');
  expect(etcd3).toMatchObject({ protocol: 'https', cert: expect.any(String), cacert: expect.any(String) });
  for (const role of ['replication', 'rewind'])
    expect(postgresql.authentication[role]).toMatchObject({
      sslmode: 'verify-full',
      sslcert: expect.any(String),
    });
  for (const rule of postgresql.pg_hba)
    expect(rule).toMatch(/^(local .* peer map=superuser|hostssl .* cert( map=members)?)$/);
  const unit = etcdContainer(topology.servers[0] ?? storage1, cluster);
  for (const name of ['ETCD_CLIENT_CERT_AUTH=true', 'ETCD_PEER_CLIENT_CERT_AUTH=true'])
    expect(unit).toContain(name);
  expect(unit).not.toContain('http://');
});

test("members of etcd are those that have its certificate, not whoever has one of the database's CA", () => {
  const unit = etcdContainer(topology.servers[0] ?? storage1, cluster);
  expect(unit).toContain(`Environment=ETCD_PEER_CERT_ALLOWED_HOSTNAME=${peerName}\n`);
  const having = leaves(topology)
    .filter(({ request }) => request.dnsNames.includes(peerName))
    .map(({ certificate }) => certificate);
  expect(having).toEqual(secretFiles(topology).filter((file) => /\/member\.crt$/.test(file)));
});

test.each(['postgres', topology.database.user, replicationRole, rewindRole, peerName])(
  "no database host is called '%s', by which its certificate would be taken for that client's",
  (name) => {
    const called = (host: string) =>
      issuesWith('', [`{ name: ${host}, address: 192.168.10.31, roles: [database] }`]).filter((issue) =>
        issue.startsWith('error at hosts[3].name: '),
      );
    expect(called(name)).toEqual([
      expect.stringContaining(`'${name}' is what clients of the database are known by`),
    ]);
    expect(called(`${name}-1`)).toEqual([]);
  },
);

test('etcd ends at once: Patroni takes what it answers while it ends for the loss of its lock', () => {
  expect(etcdContainer(topology.servers[0] ?? storage1, cluster)).toContain(
    'PodmanArgs=--stop-signal=SIGKILL\n',
  );
});

test('only database hosts have Patroni do something', () => {
  expect(JSON.parse(patroniConfig(storage1, topology, cluster)).restapi.allowlist).toEqual(
    topology.databases.map(({ address }) => address),
  );
});

test('Patroni makes no empty database by itself, and hands over nothing that is not acknowledged', () => {
  expect(JSON.parse(patroniConfig(storage1, topology, cluster))).not.toHaveProperty('bootstrap');
  const dynamic = JSON.parse(patroniDynamicConfig(topology.database));
  expect(dynamic).toMatchObject({
    synchronous_mode: true,
    synchronous_mode_strict: false,
    check_timeline: true,
  });
  expect(dynamic.postgresql.parameters).not.toHaveProperty('listen_addresses');
});

test('database hosts have a certificate for each other, hosts of etcd theirs; a single database has neither', () => {
  const files = secretFiles(topology);
  expect(files).toContain('secrets/hosts/storage2/database/member.key');
  expect(files).toContain('secrets/hosts/server3/etcd/member.key');
  expect(secretFiles(topologyWith('')).filter((file) => /member|etcd/.test(file))).toEqual([]);
});

test('only servers and database hosts get through to Postgres, Patroni and etcd', () => {
  const rules = [
    ...trafficTo(storage1, topology),
    ...topology.quorum.slice(0, 1).flatMap((host) => trafficTo(host, topology)),
  ];
  const ofDatabase = rules.filter(({ on }) => ['database', 'etcd'].includes(on));
  expect(ofDatabase.map(({ ports, from }) => [...ports, from])).toEqual([
    [5432, 'datastore'],
    [8008, 'datastore'],
    [2379, 2380, 'datastore'],
  ]);
});

test('leases of k3s outlast a failover', () => {
  for (const host of topology.servers)
    expect(nodeConfig(topology, host)['kube-scheduler-arg']).toContain('leader-elect-renew-deadline=50s');
});

test('the page has the Containerfile that hosts build with', () => {
  expect(readFileSync('docs/how-to/database.md', 'utf8')).toContain(
    `\`\`\`dockerfile\n${containerfile}\`\`\``,
  );
});
