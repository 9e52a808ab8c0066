import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifactsCommand } from '../../src/commands/artifacts';
import { loadConfig } from '../../src/config/load';
import { resolve } from '../../src/model/resolve';
import { type NeededArtifact, neededArtifacts } from '../../src/preflight/needed-artifacts';
import { synth } from '../../src/synth';
import { examples } from '../support/examples';
import { RecordingTerminal } from '../support/recording-terminal';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

function run(file: string, options: { list?: boolean } = {}) {
  const terminal = new RecordingTerminal('');
  const exitCode = artifactsCommand({ file, list: true, ...options }, terminal);
  return { exitCode, ...terminal };
}

/** What the list for a program has. */
function neededBy(file: string): readonly NeededArtifact[] {
  return run(file).reported[0]?.needed as readonly NeededArtifact[];
}

/** The topology of an example as if its hosts downloaded nothing, and what it needs then. */
function inAirGap(file: string) {
  const { config } = loadConfig(file);
  if (!config) throw new Error(file);
  const topology = resolve({ ...config, k3s: { ...config.k3s, artifacts: './artifacts' } });
  return { topology, needed: neededArtifacts(topology, scratch()) };
}

const filesOf = (needed: readonly NeededArtifact[]) => needed.flatMap(({ file }) => file ?? []);

test.each(examples)('every file that a step of %s uploads is in the list', (_, file) => {
  const { topology, needed } = inAirGap(file);
  const stack = [...synth(topology).hosts.values()].map(String).join('\n');
  const uploaded = [...stack.matchAll(/fileexists\(\\?"[^"]*?\/artifacts\/([^"\\]+)/g)].map(
    ([, path]) => path,
  );
  expect(uploaded.length).toBeGreaterThan(1);
  const lists = uploaded.filter((path) => path?.endsWith('/sha256sum.txt'));
  expect(filesOf(needed)).toEqual(expect.arrayContaining(uploaded.filter((path) => !lists.includes(path))));
  // These are made of the archives beside them.
  const folders = filesOf(needed).map((path) => path.replace(/\/[^/]*$/, ''));
  for (const list of lists) expect(folders).toContain(list?.replace(/\/sha256sum\.txt$/, ''));
});

test.each(examples)('every image in the manifests of %s is in the list', (_, file) => {
  const { topology, needed } = inAirGap(file);
  const manifests = [...synth(topology).cluster.values()].map(String).join('\n');
  const images = [...manifests.matchAll(/^ *(?:- )?image: "?([^\s"]+)/gm)].map(([, image]) => image);
  expect(needed.map(({ name }) => name)).toEqual(expect.arrayContaining(images));
});

test('every package that a script installs is named to it by its step, from where the list has it', () => {
  const scripts = readdirSync('src/roles', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.sh'),
  );
  const literal = scripts.flatMap((path) =>
    [
      ...readFileSync(join('src/roles', path), 'utf8').matchAll(
        /^.*\binstall_packages (?:apt|dnf) [a-z].*$/gm,
      ),
    ].map(([line]) => `${path}: ${line.trim()}`),
  );
  expect(literal).toEqual([]);
});

test('images of manifests of the cluster.yaml itself are in it, without digests of registries', () => {
  const folder = scratch();
  const file = join(folder, 'cluster.yaml');
  const text = readFileSync('cluster.yaml', 'utf8');
  writeFileSync(
    file,
    `${text}
manifests:
  - apiVersion: batch/v1
    kind: CronJob
    metadata: { name: tidy }
    spec:
      schedule: "0 3 * * *"
      jobTemplate:
        spec:
          template:
            spec:
              restartPolicy: Never
              initContainers: [{ name: first, image: registry.lan/first:1 }]
              containers: [{ name: tidy, image: registry.lan/tidy:2 }]
`,
  );
  const needed = neededBy(file);
  const images = needed.filter(({ kind }) => kind === 'image').map(({ name }) => name);
  expect(images).toEqual(expect.arrayContaining(['registry.lan/first:1', 'registry.lan/tidy:2']));
  expect(images.filter((image) => image.includes('@'))).toEqual([]);
});

test('what is needed is said for people, in 80 columns', () => {
  const { exitCode, printed } = run('examples/air-gap.yaml');
  expect(exitCode).toBe(0);
  expect(printed.filter((line) => line.length > 80)).toEqual([]);
  expect(printed.slice(0, 25).join('\n')).toMatchInlineSnapshot(`
"./artifacts/arm64, for server1, server2, agent1
  k3s-arm64
  sha256sum-arm64.txt
  k3s-airgap-images-arm64.tar.zst, or .tar.gz, or .tar
  from https://github.com/k3s-io/k3s/releases/download/v1.36.5%2Bk3s1

./artifacts/podman, for storage1
  postgres-17-arm64.tar
    registry.internal.example/library/postgres:17
  each by: podman pull --arch ARCHITECTURE IMAGE
           podman save --output FILE IMAGE
  sha256sum.txt, in the folder by: sha256sum *.tar >sha256sum.txt

./artifacts/arm64/images, for server1, server2, agent1
  unless a registry that hosts reach has it ('k3s.registries', 'images.mirror')
  controller-v0.16.2-arm64.tar
    quay.io/metallb/controller:v0.16.2
  speaker-v0.16.2-arm64.tar
    quay.io/metallb/speaker:v0.16.2
  nfs-subdir-external-provisioner-v4.0.2-arm64.tar
    registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2
  each by: podman pull --arch ARCHITECTURE IMAGE
           podman save --output FILE IMAGE
  sha256sum.txt, in the folder by: sha256sum *.tar >sha256sum.txt
"
`);
});

test.each(examples)('the list for %s keeps to 80 columns', (_, file) => {
  expect(run(file).printed.filter((line) => line.length > 80)).toEqual([]);
});

test('a checksum that is known is in it: of cluster.yaml, or of the release in the folder', () => {
  const folder = scratch();
  const file = join(folder, 'cluster.yaml');
  writeFileSync(file, readFileSync('examples/air-gap.yaml', 'utf8'));
  mkdirSync(join(folder, 'artifacts/arm64'), { recursive: true });
  const sum = 'a'.repeat(64);
  writeFileSync(join(folder, 'artifacts/arm64/sha256sum-arm64.txt'), `${sum}  k3s-arm64\n`);
  const needed = neededBy(file);
  expect(needed.find(({ name }) => name === 'k3s-arm64')?.sha256).toBe(sum);
});

test('without --list the folder is checked, and an error in it is the exit code', () => {
  const folder = scratch();
  const file = join(folder, 'cluster.yaml');
  writeFileSync(file, readFileSync('examples/air-gap.yaml', 'utf8'));
  const { exitCode, errors } = run(file, { list: false });
  expect(exitCode).toBe(1);
  expect(errors).toEqual([
    expect.stringContaining("error: the folder './artifacts' of 'k3s.artifacts' is missing"),
  ]);
  expect(run(file, { list: false }).reported).toMatchObject([{ problems: [{ code: 'artifacts' }] }]);
  expect(run('cluster.yaml', { list: false })).toMatchObject({
    exitCode: 0,
    printed: expect.arrayContaining([expect.stringContaining('hosts download all of this')]),
  });
});
