import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultKubeconfig, kubeconfigCommand } from '../../src/commands/kubeconfig';
import { fetchAccess } from '../../src/kubeconfig/fetch';
import type { Host, Topology } from '../../src/model/topology';
import { SshError } from '../../src/ssh/ssh-error';
import { base64, k3sYaml, newAdministrator } from '../support/k3s-yaml';
import { RecordingTerminal } from '../support/recording-terminal';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const cluster = `name: lab
ssh: { user: pi }
hosts:
  - { name: server1, address: 10.0.0.11, roles: [server, database] }
  - { name: server2, address: 10.0.0.12, roles: [server] }
api: { address: 10.0.0.5 }
k3s: { version: v1.36.2+k3s1 }
`;

let good: { stdout: string; exitCode: number };
let ofOther: typeof good;
let authority: string;
beforeAll(async () => {
  const [own, other] = await Promise.all([newAdministrator(), newAdministrator()]);
  good = { stdout: k3sYaml(own), exitCode: 0 };
  ofOther = { stdout: k3sYaml(other), exitCode: 0 };
  authority = base64(other.authority);
});

/** Runs the command with servers that answer as given; what is not given cannot be reached. */
async function run(
  servers: Readonly<Record<string, { stdout?: string; stderr?: string; exitCode: number }>>,
  { output, folder = scratch() }: { output?: string; folder?: string } = {},
) {
  writeFileSync(join(folder, 'cluster.yaml'), cluster);
  const terminal = new RecordingTerminal(folder);
  const asked: string[] = [];
  const ssh = {
    run: async (host: Host) => {
      asked.push(host.name);
      const answer = servers[host.name];
      if (!answer) throw new SshError('unreachable', host, 'does not answer');
      return { stdout: '', stderr: '', ...answer };
    },
  };
  const kubeconfig = join(folder, 'config');
  const exitCode = await kubeconfigCommand(
    {
      file: join(folder, 'cluster.yaml'),
      ...(output !== undefined && { output: output === '-' ? output : join(folder, output) }),
    },
    {
      kubeconfig,
      now: new Date('2026-11-23T10:20:30.456Z'),
      fetch: (topology: Topology) => fetchAccess(topology, ssh),
    },
    terminal,
  );
  const errors = terminal.errors.filter((line) => !line.startsWith('warning: no host key'));
  return { exitCode, folder, kubeconfig, printed: terminal.printed, errors, asked };
}

test('the access comes from the first server that has it, and leads to the virtual IP', async () => {
  const { exitCode, kubeconfig, printed, errors } = await run({ server2: good });
  expect({ exitCode, errors, printed }).toEqual({
    exitCode: 0,
    errors: ['warning: server1 (10.0.0.11) does not answer'],
    printed: ['added     config', 'try: kubectl get nodes'],
  });
  expect(readFileSync(kubeconfig, 'utf8')).toContain('server: https://10.0.0.5:6443');
});

test('a context of another cluster with the same name is replaced aloud, with a way back', async () => {
  const { folder } = await run({ server1: ofOther });
  const { exitCode, printed, errors } = await run({ server1: good }, { folder });
  expect({ exitCode, errors, printed }).toEqual({
    exitCode: 0,
    errors: [
      "warning: context 'lab' in config led to another cluster (its certificate authority is another one); it now leads to this one",
    ],
    printed: ['replaced  config (before: config.backup-20261123T102030Z)', 'try: kubectl get nodes'],
  });
  expect(readFileSync(join(folder, 'config.backup-20261123T102030Z'), 'utf8')).toContain(authority);
});

test("a separate file leaves kubectl's alone", async () => {
  const { exitCode, folder, kubeconfig, printed } = await run(
    { server1: good },
    { output: 'lab.kubeconfig' },
  );
  expect({ exitCode, printed }).toEqual({
    exitCode: 0,
    printed: ['written   lab.kubeconfig', `try: kubectl --kubeconfig ${folder}/lab.kubeconfig get nodes`],
  });
  expect(existsSync(kubeconfig)).toBe(false);
});

test("'-' prints the kubeconfig and nothing else", async () => {
  const { folder, printed } = await run({ server1: good }, { output: '-' });
  expect(printed.join('\n')).toMatch(/^apiVersion: v1\n(.*\n)*current-context: lab$/);
  expect(readdirSync(folder)).toEqual(['cluster.yaml']);
});

test('when no server has it, each says why and nothing is written', async () => {
  const { exitCode, folder, errors } = await run({ server2: { exitCode: 44 } });
  expect({ exitCode, errors }).toEqual({
    exitCode: 1,
    errors: [
      'error: server1 (10.0.0.11) does not answer',
      'error: server2 has no /etc/rancher/k3s/k3s.yaml: k3s has not started there yet',
      'no server has given its kubeconfig, and nothing was changed',
    ],
  });
  expect(readdirSync(folder)).toEqual(['cluster.yaml']);
});

test('a kubeconfig that cannot be understood stays as it is', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'config'), 'clusters: [');
  const { exitCode, errors } = await run({ server1: good }, { folder });
  expect(exitCode).toBe(1);
  expect(errors[0]).toMatch(/^error: config is not valid YAML: /);
  expect(readFileSync(join(folder, 'config'), 'utf8')).toBe('clusters: [');
});

test("kubectl's file is the first of $KUBECONFIG, or the one in the home folder", () => {
  expect(defaultKubeconfig({ KUBECONFIG: ':/a/config:/b/config' })).toBe('/a/config');
  expect(defaultKubeconfig({})).toMatch(/\/\.kube\/config$/);
});

test('a server whose answer cannot be used is skipped, with the reason', async () => {
  const evil = good.stdout.replace('    client-key-data', '    exec: { command: id }\n      client-key-data');
  expect(evil).not.toBe(good.stdout);
  const { exitCode, kubeconfig, errors } = await run({
    server1: { stdout: evil, exitCode: 0 },
    server2: good,
  });
  expect({ exitCode, errors }).toEqual({
    exitCode: 0,
    errors: [
      "warning: server1 has a /etc/rancher/k3s/k3s.yaml that has 'exec' in its user, which k3s does not write: the file is not used; has somebody changed it?",
    ],
  });
  expect(readFileSync(kubeconfig, 'utf8')).not.toContain('exec');
});

test('a file with a context that is nothing is merged like others', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'config'), 'contexts: [null]\n');
  expect(await run({ server1: good }, { folder })).toMatchObject({ exitCode: 0, errors: [] });
});

test('a server that lets nobody be root is not one where k3s has not started', async () => {
  const stderr = 'sudo: a password is required\n';
  const { errors } = await run({ server1: { exitCode: 1, stderr }, server2: { exitCode: 44 } });
  expect(errors).toEqual([
    expect.stringMatching(/^error: server1 does not let user 'pi' use sudo without a password: /),
    'error: server2 has no /etc/rancher/k3s/k3s.yaml: k3s has not started there yet',
    'no server has given its kubeconfig, and nothing was changed',
  ]);
});

test('no server is asked for what cannot be written', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'taken'), '');
  const { exitCode, errors, asked } = await run({ server1: good }, { folder, output: 'taken/config' });
  expect({ exitCode, asked }).toEqual({ exitCode: 1, asked: [] });
  expect(errors).toEqual([`error: cannot write '${folder}/taken/config': '${folder}/taken' is not a folder`]);
});
