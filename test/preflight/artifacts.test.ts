import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { artifactProblems } from '../../src/preflight/artifact-checks';
import { imagesIn } from '../../src/preflight/image-archive';
import { topologyWith } from '../support/hosts-topology';
import { scratchFolders } from '../support/scratch';
import { tar } from '../support/tar';

const scratch = scratchFolders();
const version = 'v1.36.2+k3s1';
const postgres = 'docker.io/library/postgres:17';
const hosts = `hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database] }
  - { name: server1, address: 192.168.10.11, roles: [server], arch: amd64 }
  - { name: agent1, address: 192.168.10.21, roles: [agent] }
`;
const topology = (artifacts = './artifacts', more = '') =>
  topologyWith(`${hosts}k3s: { version: ${version}, artifacts: ${artifacts}${more} }
addons: { certManager: { version: v1.21.2 } }
`);

const sum = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

/** An archive of `podman save` with one image, of an architecture if it says. */
const archive = (image: string, architecture?: string) =>
  tar([
    { name: 'layer.tar', content: 'x'.repeat(1500) },
    ...(architecture === undefined ? [] : [{ name: 'c.json', content: JSON.stringify({ architecture }) }]),
    {
      name: 'manifest.json',
      content: JSON.stringify([
        { RepoTags: [image], ...(architecture !== undefined && { Config: 'c.json' }) },
      ]),
    },
  ]);

/** The start of a Linux program. */
function program(machine: number): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f454c46);
  header.writeUInt16LE(machine, 18);
  return header;
}

/** A folder with everything that this cluster needs, and what is changed in it: no text is no file. */
function project(changed: Readonly<Record<string, string | Buffer | undefined>> = {}): string {
  const folder = scratch();
  const k3s = { amd64: `amd64 ${version}`, arm64: `arm64 ${version}` };
  const files: Record<string, string | Buffer | undefined> = {
    'amd64/k3s': k3s.amd64,
    'amd64/sha256sum-amd64.txt': `${sum(k3s.amd64)}  k3s\n`,
    'amd64/k3s-airgap-images-amd64.tar.zst': 'x',
    'arm64/k3s-arm64': k3s.arm64,
    'arm64/sha256sum-arm64.txt': `${sum(k3s.arm64)} *k3s-arm64\n`,
    'arm64/k3s-airgap-images-arm64.tar.gz': 'x',
    'charts/cert-manager-v1.21.2.tgz': 'x',
    'podman/postgres.tar': archive('docker.io/library/postgres:17'),
    ...changed,
  };
  for (const below of ['podman', 'arm64/images']) {
    const lines = Object.entries(files).flatMap(([path, content]) =>
      path.startsWith(`${below}/`) && /\.tar/.test(path) && content !== undefined
        ? [`${sum(content)}  ${path.slice(below.length + 1)}\n`]
        : [],
    );
    if (lines.length > 0 && !(`${below}/sha256sum.txt` in files))
      files[`${below}/sha256sum.txt`] = lines.join('');
  }
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, 'artifacts', path);
    mkdirSync(dirname(file), { recursive: true });
    if (content !== undefined) writeFileSync(file, content);
  }
  return folder;
}

const reported = (changed: Parameters<typeof project>[0], more?: string): string[] =>
  artifactProblems(topology('./artifacts', more), project(changed)).map(
    ({ severity, message }) => `${severity}: ${message}`,
  );

test('a folder with all that the steps upload has no problem, wherever it is', () => {
  const folder = project();
  expect(artifactProblems(topology(), folder)).toEqual([]);
  expect(artifactProblems(topology(join(folder, 'artifacts')), scratch())).toEqual([]);
  expect(artifactProblems(topologyWith(), scratch())).toEqual([]);
});

test('the folder itself may be missing', () => {
  expect(artifactProblems(topology('../brought'), scratch()).map(({ message }) => message)).toEqual([
    "the folder '../brought' of 'k3s.artifacts' is missing: 'k3s-cdk artifacts --list' says what belongs into it",
  ]);
});

test('files that are missing are reported for each architecture in use, charts and images too', () => {
  expect(
    reported({
      'arm64/sha256sum-arm64.txt': undefined,
      'amd64/k3s': undefined,
      'charts/cert-manager-v1.21.2.tgz': undefined,
      'podman/sha256sum.txt': undefined,
    }),
  ).toEqual([
    `error: 'artifacts/amd64/k3s' is missing: copy it there from k3s release ${version}`,
    expect.stringContaining(
      `error: 'artifacts/arm64/sha256sum-arm64.txt' is missing: copy the files of k3s release ${version} for arm64 there, or set 'arch: amd64'`,
    ),
    "error: 'artifacts/charts/cert-manager-v1.21.2.tgz' is missing: copy the chart archives of these versions there",
    expect.stringContaining("error: 'artifacts/podman/sha256sum.txt' is missing: put the archives"),
  ]);
  const [server] = topology().servers;
  const amd64 = { ...topology(), nodes: server ? [server] : [], agents: [] };
  const folder = project();
  rmSync(join(folder, 'artifacts/arm64'), { recursive: true });
  expect(artifactProblems(amd64, folder)).toEqual([]);
});

test.each([
  [
    'damaged',
    { 'amd64/k3s': 'half' },
    "'artifacts/amd64/k3s' does not have the sha256 that 'sha256sum-amd64.txt' beside it says",
  ],
  [
    'not the one of the checksum file',
    { 'amd64/sha256sum-amd64.txt': `${sum('x')}  other\n` },
    "'artifacts/amd64/sha256sum-amd64.txt' does not name 'k3s'",
  ],
  [
    'of the release before, after an edit of k3s.version',
    { 'amd64/k3s': 'k3s v1.36.1+k3s1', 'amd64/sha256sum-amd64.txt': `${sum('k3s v1.36.1+k3s1')}  k3s\n` },
    `'artifacts/amd64/k3s' is of k3s v1.36.1+k3s1: copy the files of release ${version} there`,
  ],
])('a binary that is %s is reported before hosts get it', (_, changed, text) => {
  expect(reported(changed)).toEqual([expect.stringContaining(`error: ${text}`)]);
});

test("the binary is what 'k3s.sha256' of cluster.yaml says, whatever the file beside it does", () => {
  const damaged = { 'amd64/k3s': `other ${version}`, 'amd64/sha256sum-amd64.txt': `${sum('x')}  k3s\n` };
  expect(reported(damaged, `, sha256: { amd64: ${sum(`other ${version}`)} }`)).toEqual([]);
  expect(reported({}, `, sha256: { amd64: ${sum('x')} }`)).toEqual([
    expect.stringContaining(
      "error: 'artifacts/amd64/k3s' does not have the sha256 that 'k3s.sha256' in cluster.yaml says",
    ),
  ]);
});

test('without images of the release pods have none, unless a registry does', () => {
  const changed = { 'arm64/k3s-airgap-images-arm64.tar.gz': undefined };
  expect(reported(changed)).toEqual([
    expect.stringContaining(
      "warning: 'artifacts/arm64/k3s-airgap-images-arm64.tar.zst' is missing, so pods have no images",
    ),
  ]);
  expect(
    reported(changed, ', registries: { mirrors: { "*": { endpoint: ["https://registry.lan"] } } }'),
  ).toEqual([]);
});

test('an image that no archive has is reported, but not where an archive cannot be read here', () => {
  const other = { 'podman/postgres.tar': archive('docker.io/library/postgres:16') };
  expect(reported(other)).toEqual([
    "error: no archive in 'artifacts/podman' has the image 'docker.io/library/postgres:17': make one with 'podman save docker.io/library/postgres:17', and 'sha256sum.txt' again",
  ]);
  expect(reported({ ...other, 'podman/packed.tar.zst': 'zst' })).toEqual([]);
  expect(
    reported({ 'podman/sha256sum.txt': `${sum(archive(postgres))}  postgres.tar\n${sum('')}  etcd.tar\n` }),
  ).toEqual([
    expect.stringContaining(
      "error: 'artifacts/podman/etcd.tar' is missing, which 'sha256sum.txt' beside it names",
    ),
  ]);
});

test('a number of bytes that needs more than eleven octal digits is read too', () => {
  const folder = scratch();
  const bytes = archive('docker.io/library/postgres:17');
  bytes.fill(0, 124, 136);
  bytes[124] = 0x80;
  bytes.writeBigUInt64BE(1500n, 128);
  writeFileSync(join(folder, 'large.tar'), bytes);
  expect(imagesIn(join(folder, 'large.tar'))).toEqual([{ names: [postgres] }]);
  writeFileSync(join(folder, 'none.tar'), 'no archive');
  expect(imagesIn(join(folder, 'none.tar'))).toBeUndefined();
});

test.each([
  [
    'archive of the release',
    {
      'amd64/sha256sum-amd64.txt': `${sum(`amd64 ${version}`)}  k3s\n${sum('y')}  k3s-airgap-images-amd64.tar.zst\n`,
    },
    "'artifacts/amd64/k3s-airgap-images-amd64.tar.zst' does not have the sha256 that 'sha256sum-amd64.txt' beside it says",
  ],
  [
    'archive for podman',
    { 'podman/sha256sum.txt': `${sum('another')}  postgres.tar\n` },
    "'artifacts/podman/postgres.tar' does not have the sha256 that 'sha256sum.txt' beside it says",
  ],
  [
    "archive of the user's own",
    { 'arm64/images/own.tar': 'x', 'arm64/images/sha256sum.txt': `${sum('y')}  own.tar\n` },
    "'artifacts/arm64/images/own.tar' does not have the sha256",
  ],
])('a damaged %s is reported before hosts get it', (_, changed, text) => {
  expect(reported(changed)).toEqual([expect.stringContaining(`error: ${text}`)]);
});

test('files for another architecture are reported with the one that they are for', () => {
  const amd64 = program(0x3e);
  expect(
    reported({
      'arm64/k3s-arm64': amd64,
      'arm64/sha256sum-arm64.txt': `${sum(amd64)}  k3s-arm64\n`,
      'podman/postgres.tar': archive(postgres, 'amd64'),
    }),
  ).toEqual([
    "error: 'artifacts/arm64/k3s-arm64' is for amd64: copy the files of k3s release v1.36.2+k3s1 for arm64 there",
    `error: the image '${postgres}' in 'artifacts/podman' is for amd64, not arm64: make the archive again after 'podman pull --arch arm64 ${postgres}', and 'sha256sum.txt'`,
  ]);
  const arm64 = program(0xb7);
  expect(
    reported({
      'arm64/k3s-arm64': arm64,
      'arm64/sha256sum-arm64.txt': `${sum(arm64)}  k3s-arm64\n`,
      'podman/postgres.tar': archive(postgres, 'arm64'),
    }),
  ).toEqual([]);
});

test('an archive that the list beside it lacks would not be held to anything', () => {
  expect(
    reported({
      'podman/more.tar': archive('quay.io/coreos/etcd:v3.5.33'),
      'podman/sha256sum.txt': `${sum(archive(postgres))}  postgres.tar\n`,
    }),
  ).toEqual([expect.stringContaining("error: 'artifacts/podman/sha256sum.txt' does not name 'more.tar'")]);
  expect(reported({ 'arm64/images/own.tar': 'x', 'arm64/images/sha256sum.txt': undefined })).toEqual([
    expect.stringContaining("error: 'artifacts/arm64/images/sha256sum.txt' is missing"),
  ]);
});

test('images of pods are looked for in archives, unless there is a registry', () => {
  const controller = 'registry.lan/controller:1';
  const of = (changed: Parameters<typeof project>[0], more = '') => {
    const plain = topology('./artifacts', more);
    const object = {
      place: { path: [] },
      manifest: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'a' },
        spec: { containers: [{ image: controller }] },
      },
    } as unknown as (typeof plain.manifests)[number];
    const arm64 = plain.nodes.filter(({ arch }) => arch === 'arm64');
    return artifactProblems({ ...plain, nodes: arm64, manifests: [object] }, project(changed)).map(
      ({ severity, message }) => `${severity}: ${message}`,
    );
  };
  expect(of({})).toEqual([
    `warning: no archive in 'artifacts/arm64/images' has for arm64 what pods need: ${controller}; 'k3s-cdk artifacts --list' says how to make them, or name a registry that hosts reach in 'k3s.registries'`,
  ]);
  expect(of({ 'arm64/images/own.tar': archive(controller, 'arm64') })).toEqual([]);
  expect(of({ 'arm64/images/own.tar': archive(controller, 'amd64') })).toHaveLength(1);
  // What cannot be read here may have it.
  expect(of({ 'arm64/images/own.tar.zst': 'zst' })).toEqual([]);
  expect(of({}, ', registries: { mirrors: { "*": { endpoint: ["https://registry.lan"] } } }')).toEqual([]);
});
