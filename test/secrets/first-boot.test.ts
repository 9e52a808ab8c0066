import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { KnownHosts } from '../../src/model/known-hosts';
import { publicHalf } from '../../src/secrets/first-boot/host-key';
import { firstBootOf, makeLoginKey } from '../support/first-boot';
import { answers, testWhen } from '../support/needs';
import { Project } from '../support/project';

const testKeys = testWhen(
  answers('ssh-keygen', '-?'),
  'files of the first boot: ssh-keygen is not installed',
);

const yaml = (server2 = '192.168.10.12', more = '') => `name: homelab
ssh: { user: pi, privateKey: ./id }
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
  - { name: server1, address: 192.168.10.11, roles: [server] }
  - { name: server2, address: ${server2}, roles: [server]${more} }
api: { address: 192.168.10.5 }
k3s: { version: v1.36.2+k3s1 }
`;

function projectWith(text = yaml()): Project {
  const project = new Project(text);
  makeLoginKey(project);
  return project;
}

const read = (project: Project, path: string) => readFileSync(join(project.folder, path), 'utf8');
const folder = (host: string) => `secrets/first-boot/${host}`;

/** cloud-init's user-data as it reads it. */
interface UserData {
  readonly users: readonly {
    readonly name: string;
    readonly sudo?: string;
    readonly ssh_authorized_keys: string[];
  }[];
  readonly write_files: readonly {
    readonly path: string;
    readonly permissions: string;
    readonly content: string;
  }[];
  readonly [key: string]: unknown;
}

testKeys(
  'a new machine gets its user, name, address and host key, and known_hosts has that key',
  async () => {
    const project = projectWith();
    const { written, report } = await firstBootOf(project);
    expect(written).toEqual(['storage1', 'server1', 'server2']);
    expect(report.findings).toEqual([]);
    const text = read(project, `${folder('server1')}/user-data`);
    expect(text.startsWith('#cloud-config\n')).toBe(true);
    const { users, write_files: files, ...others } = parse(text) as UserData;
    expect(users).toEqual([
      expect.objectContaining({
        name: 'pi',
        lock_passwd: true,
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        ssh_authorized_keys: [read(project, 'id.pub').trim()],
      }),
    ]);
    expect(others).toMatchObject({ hostname: 'server1', timezone: 'Europe/Berlin', ssh_pwauth: false });
    const [key, configuration] = files;
    expect(key).toMatchObject({
      permissions: '0600',
      content: read(project, `${folder('server1')}/ssh_host_ed25519_key`),
    });
    expect(configuration?.content).toBe(`HostKey ${key?.path}\n`);
    // Raspberry Pi OS deletes these, and makes others.
    expect(key?.path).not.toMatch(/\/ssh_host_.*_key/);
    const known = new KnownHosts(read(project, 'known_hosts'));
    expect(known.keys('192.168.10.11', 22)).toEqual([publicHalf(key?.content ?? '')]);
    expect(parse(read(project, `${folder('server1')}/network-config`))).toMatchObject({
      network: {
        version: 2,
        ethernets: {
          lan: {
            addresses: ['192.168.10.11/24'],
            routes: [{ to: '0.0.0.0/0', via: '192.168.10.1' }],
            nameservers: { addresses: ['192.168.10.1'] },
          },
        },
      },
    });
    expect(parse(read(project, `${folder('server1')}/meta-data`))).toEqual({
      'instance-id': 'homelab-server1',
      'local-hostname': 'server1',
    });
  },
);

testKeys('nobody else can read them, and nothing of the key is left anywhere else', async () => {
  const project = projectWith();
  await firstBootOf(project);
  const files = readdirSync(join(project.folder, folder('server1')));
  expect(files.sort()).toEqual(['meta-data', 'network-config', 'ssh_host_ed25519_key', 'user-data']);
  for (const file of files)
    expect(statSync(join(project.folder, folder('server1'), file)).mode & 0o077).toBe(0);
  for (const path of ['secrets', 'secrets/first-boot', folder('server1')])
    expect(statSync(join(project.folder, path)).mode & 0o077).toBe(0);
  const body = read(project, `${folder('server1')}/ssh_host_ed25519_key`).split('\n')[3] ?? '';
  const holders = readdirSync(project.folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => statSync(join(project.folder, path)).isFile() && read(project, path).includes(body),
  );
  expect(holders.sort()).toEqual([
    `${folder('server1')}/ssh_host_ed25519_key`,
    `${folder('server1')}/user-data`,
  ]);
});

testKeys('a second run makes no new key, and follows a changed cluster.yaml', async () => {
  const project = projectWith();
  await firstBootOf(project);
  const key = read(project, `${folder('server2')}/ssh_host_ed25519_key`);
  const again = await firstBootOf(project);
  expect(again.report.changes).toEqual([]);
  project.write(yaml('192.168.10.99'));
  const { report } = await firstBootOf(project, {
    gateway: '192.168.10.254',
    nameservers: ['9.9.9.9', '1.1.1.1'],
  });
  expect(report.findings).toEqual([]);
  expect(read(project, `${folder('server2')}/ssh_host_ed25519_key`)).toBe(key);
  const network = read(project, `${folder('server2')}/network-config`);
  expect(network).toContain('"192.168.10.99/24"');
  expect(network).toContain('via: "192.168.10.254"');
  expect(network).toContain('["9.9.9.9", "1.1.1.1"]');
  expect(new KnownHosts(read(project, 'known_hosts')).keys('192.168.10.99', 22)).toEqual([publicHalf(key)]);
});

testKeys('a machine that has booted before gets none, nor does one whose key is another by now', async () => {
  const project = projectWith();
  writeFileSync(join(project.folder, 'known_hosts'), '192.168.10.10 ssh-ed25519 AAAA\n');
  const { known, written } = await firstBootOf(project);
  expect({ known, written }).toEqual({ known: ['storage1'], written: ['server1', 'server2'] });
  expect(existsSync(join(project.folder, folder('storage1')))).toBe(false);
  writeFileSync(join(project.folder, 'known_hosts'), '192.168.10.11 ssh-ed25519 BBBB\n');
  const { report } = await firstBootOf(project);
  expect(report.findings.map(({ message }) => message)).toEqual([
    expect.stringContaining("known_hosts has another key for 'server1'"),
  ]);
});

testKeys.each([
  [yaml('192.168.10.1'), {}, '192.168.10.1 is an address of the cluster, and no router'],
  [yaml(), { gateway: '10.0.0.1' }, 'the router 10.0.0.1 is in no subnet of the hosts (192.168.10.0/24)'],
  [yaml('192.168.10.12', ', ssh: { port: 2222 }'), {}, "'server2' is to be reached on port 2222"],
  [
    yaml('192.168.10.12', ', ssh: { privateKey: ./other }'),
    {},
    "there is no public key for 'server2': put './other.pub' beside the private key",
  ],
])('what would not work is refused before a card is written', async (text, options, message) => {
  const { report } = await firstBootOf(projectWith(text), options);
  expect(report.findings.map((finding) => finding.message)).toContainEqual(expect.stringContaining(message));
});

testKeys('the public key is derived from the private one where it has no file', async () => {
  const project = projectWith();
  rmSync(join(project.folder, 'id.pub'));
  await firstBootOf(project);
  const { users } = parse(read(project, `${folder('server1')}/user-data`)) as UserData;
  expect(users[0]?.ssh_authorized_keys[0]).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]{68}/);
});

test('what is no key of OpenSSH has no public half', () => {
  for (const text of [
    '',
    'no key',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----',
  ])
    expect(publicHalf(text)).toBeUndefined();
});
