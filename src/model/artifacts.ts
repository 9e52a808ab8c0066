import { posix } from 'node:path';
import type { Host, Topology } from './topology';

/** A folder of the artifacts, which steps upload as a whole. */
export interface ArtifactFolder {
  /** As cluster.yaml has it: absolute, with `~`, or relative to its folder. */
  readonly folder: string;
  /** Files that must be in it; a change of one runs the step again. */
  readonly hashed: readonly string[];
  /** Files that may be in it, whose change also runs the step again. @default - none */
  readonly watched?: readonly string[];
  /** What to do when one of them is missing, as the end of a sentence. */
  readonly remedy: string;
}

/** The files of a k3s release for one architecture, by the release's own names. */
export interface ReleaseFolder extends ArtifactFolder {
  readonly arch: Host['arch'];
  readonly checksums: string;
  readonly binary: string;
  /** Archives of the images; one of them does. */
  readonly images: readonly string[];
  /** Folder in it for archives of more images, which may be missing. */
  readonly ownImages: string;
}

/** The list of the archives in a folder of images, as `sha256sum` writes it. */
export const imageSums = 'sha256sum.txt';

/** Folder for archives of images that pods run beside those of the release. */
const ownImages = 'images';

/** Where the project publishes the files of a k3s release. */
export function releasePage(version: string): string {
  return `https://github.com/k3s-io/k3s/releases/download/${version.replaceAll('+', '%2B')}`;
}

/** Where a host's k3s comes from in an air gap; undefined for a host that downloads it or does not run it. */
export function releaseFolder(host: Host, { k3s }: Topology): ReleaseFolder | undefined {
  const { artifacts, version } = k3s;
  if (artifacts === undefined || host.kind === 'none') return undefined;
  const { arch } = host;
  const other = arch === 'arm64' ? 'amd64' : 'arm64';
  const checksums = `sha256sum-${arch}.txt`;
  return {
    folder: posix.join(artifacts, arch),
    hashed: [checksums],
    watched: [`${ownImages}/${imageSums}`],
    remedy: `copy the files of k3s release ${version} for ${arch} there, or set 'arch: ${other}' of the host in cluster.yaml ('k3s-cdk doctor' shows what it is)`,
    arch,
    checksums,
    binary: arch === 'amd64' ? 'k3s' : `k3s-${arch}`,
    images: ['.tar.zst', '.tar.gz', '.tar'].map((end) => `k3s-airgap-images-${arch}${end}`),
    ownImages,
  };
}

/** One for each architecture of the nodes. */
export function releaseFolders(topology: Topology): ReleaseFolder[] {
  const all = topology.nodes.flatMap((host) => releaseFolder(host, topology) ?? []);
  return [...new Map(all.map((release) => [release.arch, release])).values()];
}

/** Archives of Helm charts; undefined when charts are downloaded, or there are none. */
export function chartFolder({ k3s, charts }: Topology): ArtifactFolder | undefined {
  const archives = Object.values(charts).flatMap(({ archive }) => archive ?? []);
  if (k3s.artifacts === undefined || archives.length === 0) return undefined;
  return {
    folder: posix.join(k3s.artifacts, 'charts'),
    hashed: archives,
    remedy: 'copy the chart archives of these versions there',
  };
}

/** Archives of the images that podman runs; undefined when they are downloaded. */
export function imageFolder({ k3s }: Topology): ArtifactFolder | undefined {
  if (k3s.artifacts === undefined) return undefined;
  return {
    folder: posix.join(k3s.artifacts, 'podman'),
    hashed: [imageSums],
    remedy: `put the archives that 'podman save' makes there and run 'sha256sum *.tar >sha256sum.txt' in the folder`,
  };
}

/** An image that podman runs on hosts of this cluster. */
export interface PodmanImage {
  readonly image: string;
  readonly hosts: readonly Host[];
  /** The image that hosts otherwise make it from, if it is not one that a registry has. */
  readonly builtFrom?: string;
}

export function podmanImages({ database, databases, quorum }: Topology): PodmanImage[] {
  const { cluster, image } = database;
  return [
    ...(databases.length > 0
      ? [{ image: cluster?.image ?? image, hosts: databases, ...(cluster?.built && { builtFrom: image }) }]
      : []),
    ...(cluster && quorum.length > 0 ? [{ image: cluster.etcd.image, hosts: quorum }] : []),
  ];
}

/** The architectures of hosts, each once. */
export function architectures(hosts: readonly Host[]): Host['arch'][] {
  return [...new Set(hosts.map(({ arch }) => arch))];
}
