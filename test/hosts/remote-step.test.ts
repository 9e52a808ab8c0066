import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { envFile } from '../../src/hosts/env-file';
import { writeFile } from '../../src/hosts/here-document';
import { commandLocals, prepareCommands, runCommands } from '../../src/hosts/step-commands';
import { escapeTemplate } from '../../src/hosts/template-literal';
import { shellQuote } from '../../src/model/shell-quote';
import { SynthesizedHosts } from '../support/hosts-stack';
import { Project } from '../support/project';
import { readTree, scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

const topology = () =>
  new Project(`
name: lab
ssh: { user: pi }
hosts:
  - { name: a, address: 10.0.0.10, roles: [database, server] }
k3s: { version: v1.36.2+k3s1 }
`).topology();

test('a step brings its files into a folder that it makes, and runs there as root with its name', () => {
  const [host] = topology().hosts;
  if (!host) throw new Error('no host');
  const sharedFiles = '${local.step_files["x.123"]}';
  expect(prepareCommands({ host, step: 'x', sharedFiles, hostFiles: { b: '2${x}\n', a: '1\n' } })).toEqual([
    'set -eu',
    'host=a step=x',
    '${local.step_folder}',
    sharedFiles,
    "cat >a <<'END_OF_K3S_CDK_FILE'\n1\nEND_OF_K3S_CDK_FILE",
    "cat >b <<'END_OF_K3S_CDK_FILE'\n2$${x}\nEND_OF_K3S_CDK_FILE",
  ]);
  expect(runCommands({ step: 'x', lateEnv: { C: 'local.c' }, upload: 'secrets/hosts/a/database' })).toEqual([
    'set -eu',
    'rm -f "$(cat .k3s-cdk/x/.brought-by)"',
    `printf "%s='%s'\\n" C '\${replace(local.c, "/[^ -&(-~]/", "")}' >>.k3s-cdk/x/step.env`,
    `sudo=$([ "$(id -u)" = 0 ] || echo 'sudo -n')`,
    '$sudo bash .k3s-cdk/x/start.sh x ${self.id} database',
  ]);
});

test('no text of a file ends it early: what ends it is no part of the text', () => {
  const end = 'END_OF_K3S_CDK_FILE';
  const folder = scratch();
  const hostFiles = {
    one: `x\n${end}\ntouch pwned\n`,
    two: `${end}\n${end}_\ntouch pwned #\n`,
    three: `$(touch pwned) \`touch pwned\` $HOME \\\n\${path.module} %{if}\n`,
    four: '',
  };
  const [host] = topology().hosts;
  if (!host) throw new Error('no host');
  // As Terraform reads them, with files that hosts share, and without what makes the folder.
  const commands = prepareCommands({
    host,
    step: 'x',
    sharedFiles: writeFile('shared', hostFiles.two),
    hostFiles,
  })
    .filter((command) => !command.startsWith('${'))
    .map((command) => command.replace(/([$%])\1(?=\{)/g, '$1'));
  execFileSync('sh', ['-c', commands.join('\n')], { cwd: folder });
  expect(readTree(folder)).toEqual({ ...hostFiles, shared: hostFiles.two });
});

test('a file that would not arrive unchanged is an internal error', () => {
  expect(() => writeFile('a', '1')).toThrow("file 'a' of a step does not end with a newline");
});

test('what steps of one host bring lies apart, whatever its name: they may run at the same time', () => {
  const hosts = new SynthesizedHosts(topology());
  const into = hosts
    .ids()
    .filter((id) => id.startsWith('a_'))
    .flatMap((id) => hosts.overSsh(id).flatMap(({ file }) => (file ? [[id, file.destination]] : [])));
  expect(into.length).toBeGreaterThan(1);
  for (const [id, destination] of into) expect(destination).toBe(`.k3s-cdk/${id?.replace('a_', '')}`);
});

test('for a user without passwordless sudo, the error names the user, the line and the file', () => {
  expect(new SynthesizedHosts(topology()).commands('a_prepare')).toContain(
    "user 'pi' cannot use sudo without a password: put 'pi ALL=(ALL) NOPASSWD:ALL' into /etc/sudoers.d/pi",
  );
});

test.each([
  [0o700, ''],
  [0o750, ''],
  [
    0o755,
    "others on this machine get into '@HOME', where anybody may write to Terraform's scripts before they run",
  ],
])('where others get into the home folder (%o) the first step warns', (mode, warning) => {
  const home = scratch();
  chmodSync(home, mode);
  const [host] = topology().hosts;
  if (!host) throw new Error('no host');
  const bring = prepareCommands({ host, step: 'x', sharedFiles: '', hostFiles: {}, first: true });
  const script = bring
    .join('\n')
    .replace('${local.step_folder}', commandLocals.step_folder.replaceAll('$${', '${'));
  const { status, stderr } = spawnSync('sh', ['-c', `sudo() { :; }\n${script}`], {
    cwd: home,
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stderr).toBe(
    warning && `warning: a: ${warning.replace('@HOME', home)}: 'chmod o-x ${home}' keeps them out\n`,
  );
});

test('what makes the folder of a step needs no folder, everything else that Terraform runs lies in it', () => {
  const hosts = new SynthesizedHosts(topology());
  for (const id of hosts.ids()) {
    expect(hosts.byId(id).connection).toMatchObject({ script_path: '.k3s-cdk/%RAND%.sh' });
    const [bring, ...later] = hosts.overSsh(id);
    expect(bring?.['remote-exec']).toMatchObject({ connection: { script_path: './.k3s-cdk-%RAND%.sh' } });
    for (const each of later.flatMap((each) => each['remote-exec'] ?? []))
      expect(each).not.toHaveProperty('connection');
  }
});

test('the host key is compared if it is known, otherwise a key that nobody has', () => {
  const { hosts, ...rest } = topology();
  const known = hosts.map((host) => ({ ...host, hostKey: 'ssh-ed25519 AAAA' }));
  const connection = (list: typeof hosts) =>
    new SynthesizedHosts({ ...rest, hosts: list, databases: [], servers: list }).byId('a_prepare').connection;
  expect(connection(known)).toMatchObject({ host_key: 'ssh-ed25519 AAAA' });
  expect(connection(hosts)).toMatchObject({ host_key: '${local.no_host_key}' });
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
