import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { envFile } from '../../src/hosts/env-file';
import { firstCommands, runCommands } from '../../src/hosts/step-commands';
import { escapeTemplate } from '../../src/hosts/template-literal';
import { shellQuote } from '../../src/model/shell-quote';
import { SynthesizedHosts } from '../support/hosts-stack';
import { Project } from '../support/project';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

const topology = () =>
  new Project(`
name: lab
ssh: { user: pi }
hosts:
  - { name: a, address: 10.0.0.10, roles: [database, server] }
k3s: { version: v1.36.2+k3s1 }
`).topology();

test('a step runs as root with its name, its own files written before', () => {
  const options = {
    step: 'x',
    folder: 'x.123',
    hostFiles: { b: '2\n', a: '1\n' },
    lateEnv: { C: 'local.c' },
  };
  expect(runCommands({ ...options, upload: 'secrets/hosts/a/database' })).toEqual([
    'set -eu',
    "cat >.k3s-cdk/x.123/a <<'END_OF_K3S_CDK_FILE'\n1\nEND_OF_K3S_CDK_FILE",
    "cat >.k3s-cdk/x.123/b <<'END_OF_K3S_CDK_FILE'\n2\nEND_OF_K3S_CDK_FILE",
    `printf "%s='%s'\\n" C '\${replace(local.c, "/[^ -&(-~]/", "")}' >>.k3s-cdk/x.123/step.env`,
    `sudo=$([ "$(id -u)" = 0 ] || echo 'sudo -n')`,
    '$sudo bash .k3s-cdk/x.123/start.sh x database',
  ]);
});

test('no text of a file ends it early: what ends it is no part of the text', () => {
  const end = 'END_OF_K3S_CDK_FILE';
  const folder = scratch();
  mkdirSync(join(folder, '.k3s-cdk/x.1'), { recursive: true });
  const hostFiles = {
    one: `x\n${end}\ntouch pwned\n`,
    two: `${end}\n${end}_\ntouch pwned #\n`,
    three: `$(touch pwned) \`touch pwned\` $HOME \\\n\${path.module} %{if}\n`,
  };
  const commands = runCommands({
    step: 'x',
    folder: 'x.1',
    hostFiles,
    upload: undefined,
    lateEnv: undefined,
  });
  // As Terraform reads them, without the last two, which start the step as root.
  const script = commands.slice(0, -2).map((command) => command.replace(/([$%])\1(?=\{)/g, '$1'));
  execFileSync('sh', ['-c', script.join('\n')], { cwd: folder });
  expect(readdirSync(folder)).toEqual(['.k3s-cdk']);
  for (const [name, text] of Object.entries(hostFiles))
    expect(readFileSync(join(folder, '.k3s-cdk/x.1', name), 'utf8')).toBe(text);
});

test('what steps of one host bring lies apart, whatever its name: they may run at the same time', () => {
  const [a] = topology().hosts;
  const hosts = new SynthesizedHosts(topology());
  const into = hosts
    .ids()
    .filter((id) => id.startsWith(`${a?.name}_`))
    .map((id) => {
      const [own, brought] = hosts.overSsh(id).flatMap(({ file }) => file ?? []);
      return brought && [`.k3s-cdk/${own?.source.split('/').pop()}`, brought.destination];
    })
    .filter((found) => found !== undefined);
  expect(into.length).toBeGreaterThan(1);
  for (const [own, destination] of into) expect(destination).toBe(own);
});

test('a user without passwordless sudo is told by name what to put where', () => {
  const [host] = topology().hosts;
  if (!host) throw new Error('no host');
  expect(firstCommands(host).join('\n')).toContain(
    "a: user 'pi' cannot use sudo without a password: put 'pi ALL=(ALL) NOPASSWD:ALL' into /etc/sudoers.d/pi",
  );
});

test('what Terraform runs lies in the folder of steps, but for what makes that folder', () => {
  const hosts = new SynthesizedHosts(topology());
  expect(hosts.byId('a_k3s').connection).toMatchObject({ script_path: '.k3s-cdk/%RAND%.sh' });
  const [first, ...later] = hosts.overSsh('a_prepare').flatMap((each) => each['remote-exec'] ?? []);
  expect(first).toMatchObject({ connection: { script_path: './.k3s-cdk-%RAND%.sh' } });
  expect(later).toEqual([expect.not.objectContaining({ connection: expect.anything() })]);
  expect(later[0]?.inline).toContain('rm -f ./.k3s-cdk-*.sh');
});

test('a host key is compared when there is one, and only then', () => {
  const { hosts, ...rest } = topology();
  const known = hosts.map((host) => ({ ...host, hostKey: 'ssh-ed25519 AAAA' }));
  const connection = (list: typeof hosts) =>
    new SynthesizedHosts({ ...rest, hosts: list, databases: [], servers: list }).byId('a_prepare').connection;
  expect(connection(known)).toMatchObject({ host_key: 'ssh-ed25519 AAAA' });
  expect(connection(hosts)).not.toHaveProperty('host_key');
});

test('through a bastion both keys are compared, each in the name of its own host', () => {
  const { hosts, ...rest } = topology();
  const bastion = { address: 'fd00::1', port: 2200, user: 'jump', hostKey: 'ssh-ed25519 BBBB' };
  const known = hosts.map((host) => ({
    ...host,
    hostKey: 'ssh-ed25519 AAAA',
    ssh: { ...host.ssh, bastion },
  }));
  const { host_key, bastion_host_key } = new SynthesizedHosts({
    ...rest,
    hosts: known,
    databases: [],
    servers: known,
  }).byId('a_prepare').connection;
  // The first line is of whom Terraform talks to, be it the host or, in older releases, the bastion: no key of theirs.
  const [first, ...lines] = String(host_key).split('\n');
  expect(first).toMatch(/^sk-ssh-ed25519@openssh\.com \S+$/);
  expect(lines).toEqual(['10.0.0.10:22 ssh-ed25519 AAAA', '[fd00::1]:2200 ssh-ed25519 BBBB']);
  expect(bastion_host_key).toBe('ssh-ed25519 BBBB');
});

test('terraform_data has the triggers, connection and provisioners of null_resource', () => {
  const terraform = (provisioner: 'builtin' | 'null-resource') =>
    SynthesizedHosts.terraform({ ...topology(), provisioner });
  const [builtin, resources] = [terraform('builtin'), terraform('null-resource')];
  expect(builtin).not.toHaveProperty('provider');
  expect(Object.keys(builtin.resource)).toEqual(['terraform_data']);
  for (const [id, { triggers, ...rest }] of Object.entries(resources.resource.null_resource ?? {})) {
    const expected = JSON.stringify(rest).replaceAll('null_resource.', 'terraform_data.');
    const { triggers_replace, ...actual } = builtin.resource.terraform_data?.[id] ?? {};
    expect(actual).toEqual(JSON.parse(expected));
    expect(triggers_replace).toEqual(triggers);
  }
});

test.each([
  ['${x} %{if}', '$${x} %%{if}'],
  ['$${x}', '$$${x}'],
  ['$x 100% $(y)', '$x 100% $(y)'],
])('%s is the literal %s in Terraform', (text, literal) => {
  expect(escapeTemplate(text)).toBe(literal);
});

test('parameters are sorted and quoted for a shell', () => {
  expect(envFile({ B: "it's", A: 1 })).toBe("A='1'\nB='it'\\''s'\n");
  expect(shellQuote('$(x) `y` "z"')).toBe(`'$(x) \`y\` "z"'`);
});
