import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { etcdSecrets } from '../../src/model/secrets';
import { ensureSecrets } from '../../src/secrets/ensure';
import { testWith } from '../support/programs';
import { Project } from '../support/project';

const script = 'src/roles/database-cluster/etcd-join.sh';
const names = ['server1', 'storage1', 'storage2'];
const address: Record<string, string> = {
  server1: '127.41.0.1',
  storage1: '127.41.0.2',
  storage2: '127.41.0.3',
};
const [clientPort, peerPort] = [23_790, 23_800];
const testJoin = testWith('bash', 'curl', 'openssl');

/** Three hosts that have just been switched on; none of them runs etcd yet. */
let project: Project;
const started: (ChildProcess | Server)[] = [];
jest.setTimeout(60_000);

beforeAll(async () => {
  project = new Project(`name: lab
ssh: { user: pi }
k3s: { version: v1.34.1+k3s1 }
hosts:
  - { name: server1, address: 192.168.10.11, roles: [server] }
  - { name: storage1, address: 192.168.10.12, roles: [database] }
  - { name: storage2, address: 192.168.10.13, roles: [database] }
metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.215] }] }
`);
  const topology = project.topology();
  const quorum = topology.quorum.map((host) => ({ ...host, nodeIps: [address[host.name] as string] }));
  await ensureSecrets({ ...topology, quorum }, { folder: project.folder, now: new Date() });
});

afterEach(() => {
  for (const one of started.splice(0)) 'kill' in one ? one.kill() : one.close();
});

/** Starts the script on a host, as before etcd; what it has noted for etcd when it has found a cluster. */
function joins(name: string): Promise<NodeJS.Dict<string>> {
  const folder = project.path(`run/${expect.getState().currentTestName}/${name}`);
  mkdirSync(folder, { recursive: true });
  cpSync(script, join(folder, 'join.sh'));
  cpSync(project.path(etcdSecrets({ name }).folder), join(folder, 'config'), { recursive: true });
  const members = names.map((member) => `${member}=${address[member]}`).join(' ');
  writeFileSync(
    join(folder, 'settings.env'),
    `NAME=${name}\nADDRESS=${address[name]}\nMEMBERS="${members}"\nCLIENT_PORT=${clientPort}\nPEER_PORT=${peerPort}\n`,
  );
  const child = spawn('bash', [join(folder, 'join.sh')], {
    env: { PATH: process.env.PATH, XDG_RUNTIME_DIR: folder },
    stdio: 'ignore',
  });
  started.push(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code !== 0) return reject(new Error(`${name}: exit ${code}`));
      resolve(parseEnv(readFileSync(join(folder, 'k3s-etcd/etcd.env'), 'utf8')));
    });
  });
}

/** What etcd answers at its peers' port as soon as it runs. */
function etcdRuns(name: string, members: readonly string[]): void {
  const folder = project.path(etcdSecrets({ name }).folder);
  const file = (base: string) => readFileSync(join(folder, base));
  const options = {
    cert: file('member.crt'),
    key: file('member.key'),
    ca: file('ca.crt'),
    requestCert: true,
    rejectUnauthorized: true,
  };
  const answer = members.map((member) => ({ id: 1, peerURLs: [url(member)], name: member }));
  const server = createServer(options, ({ url: path }, response) => {
    if (path === '/members') response.end(JSON.stringify(answer));
    else response.writeHead(404).end();
  });
  started.push(server.listen(peerPort, address[name]));
}

const url = (name: string) => `https://${address[name]}:${peerPort}`;
const cluster = (...members: string[]) => members.map((name) => `${name}=${url(name)}`).join(',');

testJoin('three hosts that come back with nothing make one cluster of all three', async () => {
  const [first, ...others] = names.map(joins);
  const made = await first;
  expect(made).toEqual({
    ETCD_INITIAL_CLUSTER_STATE: 'new',
    ETCD_INITIAL_CLUSTER: cluster(...names),
    ETCD_INITIAL_CLUSTER_TOKEN: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  etcdRuns('server1', names);
  expect(await Promise.all(others)).toEqual([made, made]);
});

testJoin('two hosts make a cluster without the third, which may never come back', async () => {
  const first = joins('storage1');
  const second = joins('storage2');
  const made = await first;
  expect(made).toMatchObject({
    ETCD_INITIAL_CLUSTER_STATE: 'new',
    ETCD_INITIAL_CLUSTER: cluster('storage1', 'storage2'),
  });
  etcdRuns('storage1', ['storage1', 'storage2']);
  expect(await second).toEqual(made);
});

testJoin('a host alone makes no cluster', async () => {
  const made = jest.fn();
  joins('server1').then(made, made);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(made).not.toHaveBeenCalled();
});
