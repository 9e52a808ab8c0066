import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Topology } from '../src/model/topology';
import { synth } from '../src/synth';
import { examples, topologyOf } from './support/examples';
import { anyKey } from './support/hosts-topology';
import { answers, testWhen } from './support/needs';
import { scratchFolders } from './support/scratch';

const scratch = scratchFolders();
const program = ['terraform', 'tofu'].find((name) => answers(name, 'version')) ?? 'terraform';
const testWithTerraform = testWhen(
  answers(program, 'version'),
  'the hosts output is not validated: neither terraform nor tofu is on the PATH',
);

/** A local mirror of providers, for machines that reach no registry. */
const mirror = join(homedir(), '.cache/k3s-cdk/providers');

/** The hosts output in a folder, with the files of the operator that it names, and Terraform to run on it. */
function project(topology: Topology) {
  const folder = scratch();
  const { hosts } = synth(topology);
  // Terraform reads keys and hashes certificates already when it validates.
  const hashed = (hosts.get('stacks/hosts/cdk.tf.json') ?? '').matchAll(
    /(?<=filesha256\(\\"\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/)[^"\\]+/g,
  );
  const write = (path: string, content = '') => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [path, content] of hosts) write(join('cdktf.out', path), content);
  for (const [path] of hashed) write(path);
  write('home/.ssh/id_ed25519');
  const config = join(folder, 'terraform.rc');
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  const terraformWith = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    spawnSync(program, [`-chdir=${join(folder, 'cdktf.out/stacks/hosts')}`, ...args], {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...env,
        TF_CLI_CONFIG_FILE: config,
        CHECKPOINT_DISABLE: '1',
        HOME: join(folder, 'home'),
      },
    });
  const terraform = (...args: string[]) => terraformWith({}, ...args);
  return { folder, write, terraform, terraformWith };
}

/** Runs `init` and `validate` on the hosts output. */
function validate(topology: Topology) {
  const { terraform } = project(topology);
  const init = terraform('init', '-backend=false', '-input=false', '-no-color');
  if (init.status !== 0) return { init: init.stderr };
  return JSON.parse(terraform('validate', '-json').stdout);
}

const hasProvider = existsSync(mirror);
const provisioner = hasProvider ? 'null-resource' : 'builtin';

testWithTerraform.each(examples)(`terraform validates the hosts output of %s (${provisioner})`, (_, file) => {
  expect(validate({ ...topologyOf(file), provisioner })).toMatchObject({ valid: true, diagnostics: [] });
});

const testWithProvider = testWhen(
  answers(program, 'version') && hasProvider,
  'the hosts output is validated with the builtin provisioner only: no provider mirror in ~/.cache/k3s-cdk/providers',
);

testWithProvider('terraform validates the hosts output with the builtin provisioner too', () => {
  expect(validate({ ...topologyOf('cluster.yaml'), provisioner: 'builtin' })).toMatchObject({
    valid: true,
    diagnostics: [],
  });
});

const spellings = ['artifacts', '../brought', '/absolute', '~/brought'];

testWithTerraform.each(spellings)(
  "terraform finds 'k3s.artifacts' that is %s, and what is missing there",
  (spelling) => {
    const elsewhere = scratch();
    const artifacts = spelling.replace('/absolute', elsewhere);
    const { k3s, ...airGap } = topologyOf('examples/air-gap.yaml', anyKey);
    const { folder, write, terraform } = project({ ...airGap, k3s: { ...k3s, artifacts } });
    const place = (file: string) =>
      join(relative(folder, resolve(folder, artifacts.replace('~', 'home'))), file);
    for (const file of ['arm64/sha256sum-arm64.txt', 'podman/sha256sum.txt']) write(place(file));
    const plan = () => terraform('plan', '-input=false', '-no-color');
    expect(terraform('init', '-input=false', '-no-color')).toMatchObject({ status: 0, stderr: '' });
    expect(plan()).toMatchObject({ status: 0, stderr: '' });
    rmSync(join(folder, place('podman/sha256sum.txt')));
    expect(plan().stderr.replace(/\s*\n[│ ]*/g, ' ')).toContain(`needs '${artifacts}/podman/sha256sum.txt'`);
  },
);

testWithTerraform(
  'a plan refuses hosts and bastions whose key is not known, by name, all of it and a part',
  () => {
    const bastion = { address: 'gw.example.net', port: 22, user: 'jump' };
    const { hosts, ...topology } = topologyOf('cluster.yaml', {
      hostKey: (address) => (address.endsWith('.11') ? undefined : 'ssh-ed25519 AAAA'),
    });
    const behind = hosts.map((host) =>
      host.name === 'agent1' ? { ...host, ssh: { ...host.ssh, bastion } } : host,
    );
    const { terraform, terraformWith } = project({ ...topology, hosts: behind, provisioner: 'builtin' });
    expect(terraform('init', '-input=false', '-no-color')).toMatchObject({ status: 0 });
    const refusal =
      'No host key is known for server1, bastion gw.example.net, so tokens and private keys would go to whoever answers there. Run';
    for (const part of [
      [],
      ['-target=terraform_data.server1_firewall'],
      ['-target=terraform_data.agent1_prepare'],
      // It waits for departures, which may be anybody's.
      ['-target=terraform_data.server2_prepare'],
    ]) {
      const { status, stderr } = terraform('plan', '-input=false', '-no-color', ...part);
      expect({ part, status, stderr: stderr.replace(/\s*\n[│ ]*/g, ' ') }).toEqual({
        part,
        status: 1,
        stderr: expect.stringContaining(refusal),
      });
      // Once, not for each host and step.
      expect(stderr.match(/Error:/g)).toHaveLength(1);
    }
    expect(terraformWith({ TF_VAR_any_host_key: 'true' }, 'plan', '-input=false')).toMatchObject({
      status: 0,
    });
  },
);
