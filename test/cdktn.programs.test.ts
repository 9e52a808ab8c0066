import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { devDependencies } from '../package.json';
import { bundle } from '../tools/build/bundle.js';
import { examples } from './support/examples';
import { testWhen } from './support/needs';
import { readTree, scratchFolders } from './support/scratch';

// cdktf was archived in December 2025. What the README says of its fork is tried here.

const fork = 'cdktn';
const version = '0.24.0';
const scratch = scratchFolders();
const root = resolve('.');
const registry =
  spawnSync('npm', ['view', `${fork}@${version}`, 'version'], { timeout: 30_000 }).status === 0;
const testFork = testWhen(registry, `${fork} is not tried: the registry of npm cannot be reached`);

/** This program with the fork in place of cdktf. */
let program: string;

beforeAll(async () => {
  if (!registry) return;
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  // With the constructs that all the rest has, which is newer than the fork asks for.
  const install = ['install', '--ignore-scripts', '--legacy-peer-deps', `${fork}@${version}`];
  execFileSync('npm', install, { cwd: folder, stdio: 'pipe' });
  const { text } = await bundle(root, {
    cdktf: join(folder, 'node_modules', fork),
    constructs: join(root, 'node_modules', 'constructs'),
  });
  program = join(scratch(), 'k3s-cdk');
  mkdirSync(join(program, 'lib'), { recursive: true });
  writeFileSync(join(program, 'lib/main.js'), text);
  writeFileSync(join(program, 'lib/main.sha256'), 'with the fork');
  for (const path of ['bin', 'package.json']) cpSync(path, join(program, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(program, 'node_modules'));
});

/** The outputs for a file, as path → text. */
function outputs(file: string, packageRoot: string): Record<string, string> {
  const cwd = scratch();
  cpSync(file, join(cwd, 'cluster.yaml'));
  cpSync(join(root, 'examples/host-steps'), join(cwd, 'host-steps'), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [join(packageRoot, 'bin/k3s-cdk.js'), 'synth'], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cwd },
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return Object.assign({}, ...['cdktf.out', 'dist', 'hosts'].map((output) => readTree(join(cwd, output))));
}

testFork.each(examples.map(([, file]) => [basename(file), file]))(
  'with the fork, the outputs for %s differ in two lines: the versions of the library',
  (_, file) => {
    const ours = outputs(file, root);
    const forks = outputs(file, program);
    expect(Object.keys(forks)).toEqual(Object.keys(ours));
    const differing = Object.keys(ours).flatMap((path) => {
      const lines = forks[path]?.split('\n') ?? [];
      return ours[path] === forks[path]
        ? []
        : (ours[path]?.split('\n') ?? []).flatMap((line, n) =>
            line === lines[n] ? [] : [`${path}: ${line.trim()} → ${lines[n]?.trim()}`],
          );
    });
    expect(differing).toEqual([
      `manifest.json: "version": "${devDependencies.cdktf}", → "version": "${version}",`,
      `stacks/hosts/cdk.tf.json: "version": "${devDependencies.cdktf}", → "version": "${version}",`,
    ]);
  },
);
