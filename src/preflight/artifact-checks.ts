import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ArtifactFolder,
  chartFolder,
  imageFolder,
  podmanImages,
  type ReleaseFolder,
  releaseFolder,
} from '../model/artifacts';
import type { Topology } from '../model/topology';
import { registriesFile } from '../model/user-secrets';
import { operatorFile } from '../programs/operator-file';
import type { Problem } from '../status/problem';
import { imagesIn } from './image-archive';

/**
 * What is missing or wrong in the folder of `k3s.artifacts`, according to the steps that upload it.
 *
 * Of the release, only the binary is compared with its checksum: hosts compare the archives of images, which
 * takes long.
 *
 * @param folder of cluster.yaml
 */
export function artifactProblems(topology: Topology, folder: string): Problem[] {
  const { artifacts } = topology.k3s;
  if (artifacts === undefined) return [];
  const there = (path: string) => existsSync(operatorFile(folder, path));
  if (!there(artifacts))
    return [
      problem(
        `the folder '${artifacts}' of 'k3s.artifacts' is missing: put the files there that hosts are to get, see docs/reference/cluster-yaml.md`,
      ),
    ];
  const charts = chartFolder(topology);
  const images = imageFolder(topology);
  return [
    ...releases(topology).flatMap((release) => releaseProblems(release, topology, folder)),
    ...(charts ? missing(charts, folder) : []),
    ...(images ? imageProblems(images, topology, folder) : []),
  ];
}

/** One for each architecture of the nodes. */
function releases(topology: Topology): ReleaseFolder[] {
  const all = topology.nodes.flatMap((host) => releaseFolder(host, topology) ?? []);
  return [...new Map(all.map((release) => [release.arch, release])).values()];
}

function releaseProblems(release: ReleaseFolder, topology: Topology, folder: string): Problem[] {
  const absent = missing(release, folder);
  if (absent.length > 0) return absent;
  const { version, registries } = topology.k3s;
  const path = (name: string) => `${release.folder}/${name}`;
  const there = (name: string) => existsSync(operatorFile(folder, path(name)));
  const own = registries !== undefined || existsSync(join(folder, registriesFile));
  const noImages =
    own || release.images.some(there)
      ? []
      : [
          problem(
            `'${path(release.images[0] ?? '')}' is missing, so pods have no images: copy it there from k3s release ${version}, or name a registry that hosts reach in 'k3s.registries'`,
            'warning',
          ),
        ];
  const binary = there(release.binary)
    ? binaryProblems(release, topology.k3s, folder)
    : [`'${path(release.binary)}' is missing: copy it there from k3s release ${version}`];
  return [...binary.map((message) => problem(message)), ...noImages];
}

/** By the checksum in cluster.yaml if there is one, as in the step. */
function binaryProblems(
  { folder: below, arch, binary, checksums }: ReleaseFolder,
  { version, sha256 }: Topology['k3s'],
  folder: string,
): string[] {
  const read = (name: string) => readFileSync(operatorFile(folder, `${below}/${name}`));
  const content = read(binary);
  const own = sha256?.[arch];
  const expected = own ?? sums(read(checksums).toString()).get(binary);
  if (expected === undefined)
    return [`'${below}/${checksums}' does not name '${binary}': use the file of k3s release ${version}`];
  if (createHash('sha256').update(content).digest('hex') !== expected)
    return [
      own === undefined
        ? `'${below}/${binary}' does not have the sha256 that '${checksums}' beside it says: copy both again from k3s release ${version}`
        : `'${below}/${binary}' does not have the sha256 that 'k3s.sha256' in cluster.yaml says: correct that if it is of another release, or copy the binary of ${version} again`,
    ];
  if (content.includes(version)) return [];
  const [other] = /v\d{1,3}\.\d{1,3}\.\d{1,3}\+k3s\d{1,3}/.exec(content.toString('latin1')) ?? [];
  return other === undefined
    ? []
    : [`'${below}/${binary}' is of k3s ${other}: copy the files of release ${version} there`];
}

/** What `sha256sum` has written: sums by name. */
function sums(text: string): Map<string, string> {
  const lines = text.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm);
  return new Map([...lines].map(([, sum = '', name = '']) => [name, sum]));
}

function imageProblems(images: ArtifactFolder, topology: Topology, folder: string): Problem[] {
  const absent = missing(images, folder);
  const [list = ''] = images.hashed;
  if (absent.length > 0) return absent;
  const below = operatorFile(folder, images.folder);
  const listed = [...sums(readFileSync(join(below, list), 'utf8')).keys()];
  const gone = listed
    .filter((name) => !existsSync(join(below, name)))
    .map((name) =>
      problem(`'${images.folder}/${name}' is missing, which '${list}' beside it names: ${images.remedy}`),
    );
  const archives = readdirSync(below).filter((name) => /\.tar/.test(name));
  const contents = archives.map((name) => imagesIn(join(below, name)));
  const without = podmanImages(topology)
    .filter((image) => !image.includes('@') && contents.every((names) => names && !names.includes(image)))
    .map((image) =>
      problem(
        `no archive in '${images.folder}' has the image '${image}': make one with 'podman save ${image}', and '${list}' again`,
      ),
    );
  return [...gone, ...without];
}

function missing({ folder: below, hashed, remedy }: ArtifactFolder, folder: string): Problem[] {
  return hashed
    .filter((name) => !existsSync(operatorFile(folder, `${below}/${name}`)))
    .map((name) => problem(`'${below}/${name}' is missing: ${remedy}`));
}

function problem(message: string, severity: Problem['severity'] = 'error'): Problem {
  return { severity, code: 'artifacts', message };
}
