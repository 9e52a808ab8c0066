import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { cdktfCli, cdktfEnvironment, cdktfJson } from './support/cdktf-cli';
import { answers, testWhen } from './support/needs';
import { readTree, scratchFolders } from './support/scratch';

jest.setTimeout(300_000);

const scratch = scratchFolders();
const program = resolve('bin/k3s-cdk.js');
const mirror = join(homedir(), '.cache/k3s-cdk/providers');
const ready =
  userInfo().uid === 0 &&
  answers('unshare', '--version') &&
  answers('terraform', 'version') &&
  existsSync(mirror);
const cdktf = ready ? cdktfCli() : undefined;
const testCdktf = testWhen(
  cdktf !== undefined,
  'cdktf is not tried: it needs root, unshare, terraform, a mirror of the null provider and cdktf-cli from npm',
);

/** `cdktf …` where nothing can be reached but a mirror of the provider on this machine. */
function run(folder: string, ...words: string[]) {
  const config = join(folder, 'terraform.rc');
  writeFileSync(config, `provider_installation {\n  filesystem_mirror { path = "${mirror}" }\n}\n`);
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', String(cdktf), ...words], {
    cwd: folder,
    env: { ...process.env, ...cdktfEnvironment, TF_CLI_CONFIG_FILE: config },
    encoding: 'utf8',
  });
  return { status, output: `${stdout}${stderr}` };
}

/** A folder with a cluster.yaml and its secrets, and the cdktf.json of the guide. */
function project(): string {
  const folder = scratch();
  writeFileSync(
    join(folder, 'cluster.yaml'),
    `name: homelab
ssh: { user: pi, privateKey: key }
hosts:
  - { name: board, address: 127.0.0.1, nodeIps: [192.168.10.10], ssh: { port: 9 }, roles: [server, database, nfs] }
k3s: { version: v1.36.5+k3s1 }
`,
  );
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  const [type, key] = readTree(folder)['key.pub']?.split(' ') ?? [];
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:9 ${type} ${key}\n`);
  spawnSync(process.execPath, [program, 'init'], { cwd: folder });
  writeFileSync(join(folder, 'cdktf.json'), cdktfJson(`node ${program} synth`));
  return folder;
}

testCdktf('cdktf synth writes what k3s-cdk synth does', () => {
  const folder = project();
  expect(run(folder, 'synth')).toMatchObject({ status: 0 });
  const { status, stdout } = spawnSync(process.execPath, [program, 'synth', '--check'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

testCdktf(
  'cdktf diff plans where no registry can be reached, if it need not lock providers or needs none',
  () => {
    const folder = project();
    expect(run(folder, 'diff', '--skip-provider-lock')).toMatchObject({
      status: 0,
      output: expect.stringMatching(/Plan:\S* \d+ to add, 0 to change, 0 to destroy/),
    });
    const other = scratch();
    cpSync(folder, other, { recursive: true, filter: (path) => !path.endsWith('cdktf.out') });
    expect(run(other, 'diff')).toMatchObject({
      status: 1,
      output: expect.stringContaining('could not connect to'),
    });
    appendFileSync(join(other, 'cluster.yaml'), 'provisioner: builtin\n');
    expect(run(other, 'diff')).toMatchObject({ status: 0 });
  },
);
