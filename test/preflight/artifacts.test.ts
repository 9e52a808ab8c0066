import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { artifactProblems } from '../../src/preflight/artifact-checks';
import { imagesIn } from '../../src/preflight/image-archive';
import { topologyWith } from '../support/hosts-topology';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const version = 'v1.36.2+k3s1';
const hosts = `hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database] }
  - { name: server1, address: 192.168.10.11, roles: [server], arch: amd64 }
  - { name: agent1, address: 192.168.10.21, roles: [agent] }
`;
const topology = (artifacts = './artifacts', more = '') =>
  topologyWith(`${hosts}k3s: { version: ${version}, artifacts: ${artifacts}${more} }
addons: { certManager: { version: v1.21.2 } }
`);

const sum = (text: string) => createHash('sha256').update(text).digest('hex');

/** A tar archive of these files. */
function tar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('ustar', 257);
    const content = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    content.write(text);
    return [header, content];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const archive = (...images: string[]) =>
  tar({ 'layer.tar': 'x'.repeat(1500), 'manifest.json': JSON.stringify([{ RepoTags: images }]) });

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
    'podman/sha256sum.txt': `${sum('not compared here')}  postgres.tar\n`,
    ...changed,
  };
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, 'artifacts', path);
    mkdirSync(dirname(file), { recursive: true });
    if (content !== undefined) writeFileSync(file, content);
  }
  return folder;
}

const reported = (changed: Parameters<typeof project>[0], more?: string) =>
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
    "the folder '../brought' of 'k3s.artifacts' is missing: put the files there that hosts are to get, see docs/reference/cluster-yaml.md",
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
  expect(reported({ 'podman/sha256sum.txt': `${sum('')}  postgres.tar\n${sum('')}  etcd.tar\n` })).toEqual([
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
  expect(imagesIn(join(folder, 'large.tar'))).toEqual(['docker.io/library/postgres:17']);
  writeFileSync(join(folder, 'none.tar'), 'no archive');
  expect(imagesIn(join(folder, 'none.tar'))).toBeUndefined();
});
