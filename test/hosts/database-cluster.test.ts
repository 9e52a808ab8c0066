import { readFileSync } from 'node:fs';
import { databaseCa, databaseClusterCa, secretFiles } from '../../src/model/secrets';
import type { Topology } from '../../src/model/topology';
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
import { databaseClusterLeaves, databaseLeaves } from '../../src/secrets/leaves';
import { topologyOf } from '../support/examples';
import { issuesWith, topologyWith } from '../support/topology';

const topology = topologyOf('examples/ha-database.yaml');
const { cluster } = topology.database;
const [storage1] = topology.databases;
if (!cluster || !storage1) throw new Error('the example has several database hosts');

test('etcd runs on three hosts: database hosts, and servers where there are fewer', () => {
  const names = ({ quorum }: Topology) => quorum.map(({ name }) => name);
  expect(names(topology)).toEqual(['storage1', 'storage2', 'server1']);
  const storage1 = '{ name: storage1, address: 192.168.10.31, roles: [database] }';
  const storage2 = '{ name: storage2, address: 192.168.10.32, roles: [database] }';
  const server2 = '{ name: server2, address: 192.168.10.12, roles: [server] }';
  const api = 'api: { address: 192.168.10.5 }';
  // The first server has a database too.
  expect(names(topologyWith(api, [server2, storage1]))).toEqual(['server1', 'storage1', 'server2']);
  expect(names(topologyWith(api, [server2, storage1, storage2]))).toEqual([
    'server1',
    'storage1',
    'storage2',
  ]);
  expect(topologyWith('').quorum).toEqual([]);
});

test('every connection of Patroni and etcd is mutual TLS', () => {
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
  const unit = etcdContainer(storage1, topology, cluster);
  for (const name of ['ETCD_CLIENT_CERT_AUTH=true', 'ETCD_PEER_CLIENT_CERT_AUTH=true'])
    expect(unit).toContain(name);
  expect(unit).not.toContain('http://');
});

test('etcd and Patroni let in certificates of their own CA alone, which Postgres takes none of', () => {
  const unit = etcdContainer(storage1, topology, cluster);
  for (const name of ['ETCD_TRUSTED_CA_FILE', 'ETCD_PEER_TRUSTED_CA_FILE'])
    expect(unit).toContain(`Environment=${name}=/etc/etcd/cluster-ca.crt\n`);
  const { restapi, etcd3, ctl, postgresql } = JSON.parse(patroniConfig(storage1, topology, cluster));
  const own = '/etc/patroni/cluster-ca.crt';
  expect([restapi.cafile, etcd3.cacert, ctl.cacert]).toEqual([own, own, own]);
  expect(postgresql.parameters.ssl_ca_file).toBe('/etc/patroni/ca.crt');
  expect(postgresql.authentication.replication.sslrootcert).toBe('/etc/patroni/ca.crt');
  const files = (leaves: typeof databaseLeaves) => leaves(topology).map(({ certificate }) => certificate);
  expect(files(databaseClusterLeaves).sort()).toEqual(
    secretFiles(topology)
      .filter((file) => /\/(patroni|etcd)\.crt$/.test(file))
      .sort(),
  );
  for (const file of files(databaseLeaves)) expect(files(databaseClusterLeaves)).not.toContain(file);
});

test('a database host keeps the data of etcd on its disk, and asks its own member first', () => {
  expect(etcdContainer(storage1, topology, cluster)).toContain(
    `Volume=${topology.database.dataDir}/etcd:/data:Z\n`,
  );
  const [witness] = topology.servers;
  if (!witness) throw new Error('the example has servers');
  expect(etcdContainer(witness, topology, cluster)).toContain('Volume=/var/lib/k3s-etcd/data:/data:Z\n');
  for (const host of topology.databases)
    expect(JSON.parse(patroniConfig(host, topology, cluster)).etcd3.hosts[0]).toBe(`${host.address}:2379`);
});

test('etcd starts with data, or where the step has allowed it to begin', () => {
  const conditions = etcdContainer(storage1, topology, cluster).match(/^Condition.*$/gm);
  expect(conditions).toEqual([
    `ConditionPathExistsGlob=|${topology.database.dataDir}/etcd/member/wal/*.wal`,
    'ConditionPathExists=|/var/lib/k3s-etcd/first-start',
  ]);
});

test('only Patroni decides which host becomes the primary', () => {
  const { postgresql } = JSON.parse(patroniConfig(storage1, topology, cluster));
  expect(Object.keys(postgresql).filter((key) => /pre_promote|callbacks|custom/.test(key))).toEqual([]);
});

test.each(['postgres', topology.database.user, replicationRole, rewindRole])(
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
  expect(etcdContainer(storage1, topology, cluster)).toContain('PodmanArgs=--stop-signal=SIGKILL\n');
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

test('database hosts have a certificate for each other, and etcd hosts theirs; a single database has neither', () => {
  const files = secretFiles(topology);
  expect(files).toEqual(
    expect.arrayContaining([
      'secrets/hosts/storage2/database/patroni.key',
      'secrets/hosts/storage2/database/replication.key',
      'secrets/hosts/storage2/etcd/etcd.key',
      'secrets/hosts/server1/etcd/etcd.key',
      databaseClusterCa.certificate,
    ]),
  );
  expect(files).not.toContain('secrets/hosts/server2/etcd/etcd.key');
  const single = secretFiles(topologyWith(''));
  expect(single).toContain(databaseCa.certificate);
  expect(single.filter((file) => /patroni|replication|etcd|cluster-ca/.test(file))).toEqual([]);
});

test('only servers and database hosts get through to Postgres, Patroni and etcd', () => {
  const ofDatabase = trafficTo(storage1, topology).filter(({ on }) => ['database', 'etcd'].includes(on));
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
