import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CertificateFolder,
  databaseSecrets,
  etcdSecrets,
  patroniSecrets,
  replicationSecrets,
  serverSecrets,
} from '../../src/model/secrets';
import { etcdContainer } from '../../src/roles/database-cluster/files/etcd-units';
import { ensureSecrets } from '../../src/secrets/ensure';
import { findProgram, testWith } from '../support/programs';
import { Project } from '../support/project';

const address = '127.41.0.2';
const ports = { clientPort: 23_790, peerPort: 23_800 };
const testEtcd = testWith('etcd', 'curl');
jest.setTimeout(60_000);

let project: Project;
let etcd: ChildProcess | undefined;
let data: string;
afterEach(() => {
  etcd?.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

/** A member alone, with the settings of its unit and the files of its step. */
async function start(): Promise<void> {
  data = mkdtempSync(join(tmpdir(), 'k3s-cdk-etcd-'));
  project = new Project(`name: lab
ssh: { user: pi }
k3s: { version: v1.34.1+k3s1 }
hosts:
  - { name: storage1, address: 192.168.10.12, roles: [database] }
  - { name: storage2, address: 192.168.10.13, roles: [database] }
  - { name: server1, address: 192.168.10.11, roles: [server] }
metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.215] }] }
`);
  const topology = project.topology();
  const { cluster } = topology.database;
  const [first] = topology.quorum;
  if (!cluster || !first) throw new Error('there are several database hosts');
  const host = { ...first, nodeIps: [address] };
  const quorum = topology.quorum.map((member) => (member === first ? host : member));
  await ensureSecrets({ ...topology, quorum }, { folder: project.folder, now: new Date() });
  const unit = etcdContainer(host, topology, { ...cluster, etcd: { ...cluster.etcd, ...ports } });
  const environment = [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value.replace(/^\/etc\/etcd/, project.path(etcdSecrets(host).folder)),
  ]);
  etcd = spawn(findProgram('etcd') ?? '', [], {
    stdio: 'ignore',
    env: {
      ...Object.fromEntries(environment),
      ETCD_DATA_DIR: data,
      ETCD_INITIAL_CLUSTER: `storage1=https://${address}:${ports.peerPort}`,
    },
  });
  const own = etcdSecrets(host);
  for (let tries = 0; tries < 100 && !ask(own, ports.clientPort, '/health').includes('true'); tries++)
    await sleep(100);
}

/** What it answers; empty when it does not let in who asks. Who asks trusts whatever answers, so it does not end at that. */
function ask(
  { folder, certificate, key }: CertificateFolder,
  port: number,
  path: string,
  body?: string,
): string {
  const file = (name: string) => join(project.path(folder), name);
  const { stdout } = spawnSync(
    findProgram('curl') ?? '',
    [
      ...['--silent', '--http1.1', '--insecure', '--noproxy', '*', '--max-time', '5'],
      ...['--cert', file(certificate), '--key', file(key), ...(body === undefined ? [] : ['--data', body])],
      `https://${address}:${port}${path}`,
    ],
    { encoding: 'utf8' },
  );
  return stdout;
}

testEtcd('etcd lets in Patroni and its own members, and nobody with a certificate for Postgres', async () => {
  await start();
  const range = JSON.stringify({ key: Buffer.from('/k3s-cdk/').toString('base64') });
  const asked = (files: CertificateFolder) => [
    ask(files, ports.clientPort, '/v3/kv/range', range),
    ask(files, ports.peerPort, '/version'),
  ];
  for (const files of [patroniSecrets({ name: 'storage2' }), etcdSecrets({ name: 'server1' })])
    expect(asked(files)).toEqual([
      expect.stringContaining('"header"'),
      expect.stringContaining('etcdserver'),
    ]);
  for (const files of [
    serverSecrets({ name: 'server1' }),
    replicationSecrets({ name: 'storage2' }),
    databaseSecrets({ name: 'storage1' }),
  ])
    expect(asked(files)).toEqual(['', '']);
});
