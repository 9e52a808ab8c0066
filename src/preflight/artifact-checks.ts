import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ArtifactFolder,
  architectures,
  chartFolder,
  imageFolder,
  imageSums,
  podmanImages,
  type ReleaseFolder,
  releaseFolders,
} from '../model/artifacts';
import { podImages } from '../model/pod-images';
import type { Topology } from '../model/topology';
import { registriesFile } from '../model/user-secrets';
import { operatorFile } from '../programs/operator-file';
import type { Problem } from '../status/problem';
import { type ArchivedImage, imagesIn } from './image-archive';
import { programArchitecture } from './program-architecture';
import { sha256OfFile, sums } from './sha256-file';

/**
 * What is missing or wrong in the folder of `k3s.artifacts`, according to the steps that upload it: files, checksums,
 * architectures.
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
        `the folder '${artifacts}' of 'k3s.artifacts' is missing: 'k3s-cdk artifacts --list' says what belongs into it`,
      ),
    ];
  const charts = chartFolder(topology);
  const images = imageFolder(topology);
  return [
    ...releaseFolders(topology).flatMap((release) => releaseProblems(release, topology, folder)),
    ...(charts ? missing(charts, folder) : []),
    ...(images ? podmanProblems(images, topology, folder) : []),
  ];
}

function releaseProblems(release: ReleaseFolder, topology: Topology, folder: string): Problem[] {
  const absent = missing(release, folder);
  if (absent.length > 0) return absent;
  const { version } = topology.k3s;
  const path = (name: string) => `${release.folder}/${name}`;
  const there = (name: string) => existsSync(operatorFile(folder, path(name)));
  const archives = release.images.filter(there);
  const noImages =
    hasRegistry(topology, folder) || archives.length > 0
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
  return [
    ...binary.map((message) => problem(message)),
    ...noImages,
    ...damaged(release.folder, release.checksums, archives, folder).map((name) =>
      problem(
        `'${path(name)}' does not have the sha256 that '${release.checksums}' beside it says: copy it again from k3s release ${version}`,
      ),
    ),
    ...ownImageProblems(release, topology, folder),
  ];
}

/** Whether nodes know a registry, which may have what archives do not. */
function hasRegistry({ k3s, imageMirror }: Topology, folder: string): boolean {
  return (
    k3s.registries !== undefined || imageMirror !== undefined || existsSync(join(folder, registriesFile))
  );
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
  const found = programArchitecture(content);
  if (found !== undefined && found !== arch)
    return [
      `'${below}/${binary}' is for ${found}: copy the files of k3s release ${version} for ${arch} there`,
    ];
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

/** Images that pods run beside those of k3s: in archives of the user's, unless a registry has them. */
function ownImageProblems(release: ReleaseFolder, topology: Topology, folder: string): Problem[] {
  const below = `${release.folder}/${release.ownImages}`;
  const path = operatorFile(folder, below);
  if (existsSync(path) && !existsSync(join(path, imageSums)))
    return [
      problem(`'${below}/${imageSums}' is missing: run 'sha256sum *.tar* >${imageSums}' in the folder`),
    ];
  const archives = existsSync(path) ? archivesIn(below, folder) : { problems: [], archives: [] };
  if (hasRegistry(topology, folder)) return archives.problems;
  const wanted = podImages(topology).map((image) => ({ image, arch: release.arch }));
  const without = notIn(archives.archives, wanted).map(({ image }) => image);
  const summary = without.length > 3 ? [...without.slice(0, 2), `${without.length - 2} more`] : without;
  return [
    ...archives.problems,
    ...(without.length === 0
      ? []
      : [
          problem(
            `no archive in '${below}' has for ${release.arch} what pods need: ${summary.join(', ')}; 'k3s-cdk artifacts --list' says how to make them, or name a registry that hosts reach in 'k3s.registries'`,
            'warning',
          ),
        ]),
  ];
}

function podmanProblems(images: ArtifactFolder, topology: Topology, folder: string): Problem[] {
  const absent = missing(images, folder);
  if (absent.length > 0) return absent;
  const { problems, archives } = archivesIn(images.folder, folder);
  const wanted = podmanImages(topology).flatMap(({ image, hosts }) =>
    architectures(hosts).map((arch) => ({ image, arch })),
  );
  return [
    ...problems,
    ...notIn(archives, wanted).map(({ image, arch, found }) =>
      problem(
        found === undefined
          ? `no archive in '${images.folder}' has the image '${image}': make one with 'podman save ${image}', and '${imageSums}' again`
          : `the image '${image}' in '${images.folder}' is for ${found}, not ${arch}: make the archive again after 'podman pull --arch ${arch} ${image}', and '${imageSums}'`,
      ),
    ),
  ];
}

/** The archives in a folder; undefined for one whose contents cannot be read here. */
interface Archives {
  readonly archives: readonly (readonly ArchivedImage[] | undefined)[];
  readonly problems: Problem[];
}

/** Archives of images in a folder, held to the list beside them. */
function archivesIn(below: string, folder: string): Archives {
  const path = operatorFile(folder, below);
  const listed = [...sums(readFileSync(join(path, imageSums), 'utf8')).keys()];
  const found = readdirSync(path).filter((name) => /\.tar/.test(name));
  const gone = listed.filter((name) => !existsSync(join(path, name)));
  const again = `run 'sha256sum *.tar* >${imageSums}' in the folder`;
  return {
    archives: found.map((name) => imagesIn(join(path, name))),
    problems: [
      ...gone.map((name) => `'${below}/${name}' is missing, which '${imageSums}' beside it names: ${again}`),
      ...found
        .filter((name) => !listed.includes(name))
        .map((name) => `'${below}/${imageSums}' does not name '${name}' beside it: ${again}`),
      ...damaged(
        below,
        imageSums,
        listed.filter((name) => !gone.includes(name)),
        folder,
      ).map(
        (name) =>
          `'${below}/${name}' does not have the sha256 that '${imageSums}' beside it says: copy it again, or ${again}`,
      ),
    ].map((message) => problem(message)),
  };
}

interface Wanted {
  readonly image: string;
  readonly arch: string;
}

/**
 * Images that no archive has for their architecture, with the one that it is there for. Nothing is said of images
 * given by digest, nor while an archive cannot be read.
 */
function notIn(archives: Archives['archives'], wanted: readonly Wanted[]): (Wanted & { found?: string })[] {
  if (archives.some((images) => images === undefined)) return [];
  const all = archives.flatMap((images) => images ?? []);
  return wanted
    .filter(({ image }) => !image.includes('@'))
    .flatMap(({ image, arch }) => {
      const named = all.filter(({ names }) => names.includes(image));
      if (named.some(({ architecture = arch }) => architecture === arch)) return [];
      const found = named[0]?.architecture;
      return [{ image, arch, ...(found !== undefined && { found }) }];
    });
}

/** Files that do not have the sha256 that a list beside them says. */
function damaged(below: string, list: string, names: readonly string[], folder: string): string[] {
  const path = operatorFile(folder, below);
  const expected = sums(readFileSync(join(path, list), 'utf8'));
  return names.filter((name) => {
    const sum = expected.get(name);
    return sum !== undefined && sha256OfFile(join(path, name)) !== sum;
  });
}

function missing({ folder: below, hashed, remedy }: ArtifactFolder, folder: string): Problem[] {
  return hashed
    .filter((name) => !existsSync(operatorFile(folder, `${below}/${name}`)))
    .map((name) => problem(`'${below}/${name}' is missing: ${remedy}`));
}

function problem(message: string, severity: Problem['severity'] = 'error'): Problem {
  return { severity, code: 'artifacts', message };
}
