import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { KnownHosts } from '../../src/model/known-hosts';
import { scanHostKeys } from '../../src/ssh/scan';
import { firstBootOf, makeLoginKey } from '../support/first-boot';
import { testWhen } from '../support/needs';
import { Project } from '../support/project';
import { scratchFolders } from '../support/scratch';
import { Sshd, testWithSshd } from '../support/sshd';

const scratch = scratchFolders();

/** cloud-init and netplan with what they need, unpacked from Debian's packages by `.ci/run`. */
const root = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'k3s-cdk/cloud-init');
const libraries = existsSync(join(root, 'usr/lib'))
  ? readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
  : [];
const environment = {
  ...process.env,
  PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
  LD_LIBRARY_PATH: libraries.map((name) => join(root, 'usr/lib', name)).join(':'),
};
const testCloudInit = testWhen(
  existsSync(join(root, 'usr/libexec/netplan/generate')),
  `cloud-init and netplan read the files of the first boot: '.ci/run' unpacks them to ${root}`,
);

function run(program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: environment });
  return { status, output: `${stdout}${stderr}` };
}

const yaml = (user: string) => `name: homelab
ssh: { user: ${user}, privateKey: ./id }
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
  - { name: server1, address: 192.168.10.11, nodeIps: [192.168.10.11, "fd00:10::11"], roles: [server] }
network:
  nodes: [192.168.10.0/24, "fd00:10::/64"]
  pods: [10.42.0.0/16, "fd00:42::/56"]
  services: [10.43.0.0/16, "fd00:43::/112"]
k3s: { version: v1.36.2+k3s1 }
`;

async function written(user = 'pi'): Promise<Project> {
  const project = new Project(yaml(user));
  makeLoginKey(project);
  const { report } = await firstBootOf(project);
  expect(report.findings).toEqual([]);
  return project;
}

testCloudInit.each(['pi', 'root'])("cloud-init's own schema accepts the user-data of %s", async (user) => {
  const project = await written(user);
  const file = join(project.folder, 'secrets/first-boot/server1/user-data');
  const args = ['-m', 'cloudinit.cmd.main', 'schema', '--config-file', file];
  expect(run('/usr/bin/python3', ...args)).toEqual({ status: 0, output: expect.stringMatching(/^Valid/) });
  // So that it can fail.
  writeFileSync(file, `${readFileSync(file, 'utf8')}timezoen: UTC\nusers: 5\n`);
  expect(run('/usr/bin/python3', ...args).status).toBe(1);
});

testCloudInit.each([
  [
    'networkd',
    'run/systemd/network/10-netplan-lan.network',
    [
      'Address=192.168.10.11/24',
      'Address=fd00:10::11/64',
      'Gateway=192.168.10.1',
      'DNS=192.168.10.1',
      'Name=e*',
    ],
  ],
  [
    'NetworkManager',
    'run/NetworkManager/system-connections/netplan-lan.nmconnection',
    [
      'address1=192.168.10.11/24',
      'address1=fd00:10::11/64',
      'route1=0.0.0.0/0,192.168.10.1',
      'dns=192.168.10.1;',
      'interface-name=e*;',
    ],
  ],
])('netplan makes fixed addresses of network-config, for %s', async (renderer, file, lines) => {
  const project = await written();
  const folder = scratch();
  mkdirSync(join(folder, 'etc/netplan'), { recursive: true });
  const config = join(folder, 'etc/netplan/50-cloud-init.yaml');
  cpSync(join(project.folder, 'secrets/first-boot/server1/network-config'), config);
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, text.replace('  version: 2\n', `  version: 2\n  renderer: ${renderer}\n`));
  expect(run(join(root, 'usr/libexec/netplan/generate'), '--root-dir', folder).status).toBe(0);
  const made = readFileSync(join(folder, file), 'utf8').split('\n');
  expect(made).toEqual(expect.arrayContaining(lines));
});

testWithSshd()('an sshd that boots with it shows the key that known_hosts has, and no other', async () => {
  const project = await written();
  const data = parse(readFileSync(join(project.folder, 'secrets/first-boot/server1/user-data'), 'utf8')) as {
    write_files: { path: string; permissions: string; content: string }[];
  };
  const folder = scratch();
  const here = (text: string) => text.replaceAll('/etc/ssh/', `${folder}/`);
  mkdirSync(join(folder, 'sshd_config.d'));
  for (const { path, permissions, content } of data.write_files)
    writeFileSync(here(path), here(content), { mode: Number.parseInt(permissions, 8) });
  // The usual names are there, too, as on Raspberry Pi OS.
  spawnSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', join(folder, 'ssh_host_ecdsa_key')]);
  const sshd = await Sshd.start([], `Include ${folder}/sshd_config.d/*.conf`);
  try {
    const scan = await scanHostKeys('127.0.0.1', sshd.port);
    const known = new KnownHosts(readFileSync(join(project.folder, 'known_hosts'), 'utf8'));
    expect(scan).toEqual({ keys: known.keys('192.168.10.11', 22) });
  } finally {
    sshd.stop();
  }
});
