import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Topology } from '../src/model/topology';
import { synth } from '../src/synth';
import { examples, topologyOf } from './support/examples';
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

/** Writes the hosts output and runs `init` and `validate` on it. */
function validate(topology: Topology) {
  const folder = scratch();
  const { hosts } = synth(topology);
  // Terraform reads keys and hashes certificates already when it validates.
  const hashed = (hosts.get('stacks/hosts/cdk.tf.json') ?? '').matchAll(
    /(?<=filesha256\(\\"\$\{path\.module\}\/\.\.\/\.\.\/\.\.\/)[^"\\]+/g,
  );
  const files = [
    ...[...hosts].map(([path, content]) => [join('cdktf.out', path), content] as const),
    ...[...hashed].map(([path]) => [path, ''] as const),
    ['home/.ssh/id_ed25519', ''] as const,
  ];
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const home = join(folder, 'home');
  const config = join(folder, 'terraform.rc');
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  const terraform = (...args: string[]) =>
    spawnSync(program, [`-chdir=${join(folder, 'cdktf.out/stacks/hosts')}`, ...args], {
      encoding: 'utf8',
      env: { ...process.env, TF_CLI_CONFIG_FILE: config, CHECKPOINT_DISABLE: '1', HOME: home },
    });
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
