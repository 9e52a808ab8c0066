import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import {
  architectures,
  podmanImages,
  type ReleaseFolder,
  releaseFolder,
  releaseFolders,
  releasePage,
} from '../model/artifacts';
import { podImages } from '../model/pod-images';
import type { Host, Topology } from '../model/topology';
import { operatorFile } from '../programs/operator-file';
import type { OwnPackages } from '../roles/role';
import { hostPackages, ownPackages } from '../roles/roles';
import { sums } from './sha256-file';

/** Something that hosts download, or that is brought to them in an air gap. */
export interface NeededArtifact {
  /** `image` is of podman on hosts or of pods; `provider` is Terraform's, for the machine that applies. */
  readonly kind: 'release' | 'chart' | 'image' | 'package' | 'provider';
  /** Name of the file, chart, image, package or provider. */
  readonly name: string;
  /** File in the folder of `k3s.artifacts`. Undefined: it is not kept there. */
  readonly file?: string;
  /** Files of other names that do instead. */
  readonly alternatives?: readonly string[];
  /** Where it is to be had: an address, or the commands that make the file. */
  readonly source?: string;
  /** Of the file, if it is known here. */
  readonly sha256?: string;
  readonly architecture?: Host['arch'];
  /** Package manager whose name it is. */
  readonly manager?: 'apt' | 'dnf';
  /** When it is needed. @default - always */
  readonly when?: string;
  /** Hosts that need it. */
  readonly hosts: readonly string[];
}

/**
 * Everything that the steps on hosts, k3s and the pods of this cluster.yaml take from elsewhere, read from the same
 * facts. Images of Helm charts are in their charts, and those of charts in `src/apps` are the user's.
 *
 * @param topology with `k3s.artifacts`
 * @param folder of cluster.yaml; checksums are taken from the release's own files, where those are there already
 */
export function neededArtifacts(topology: Topology, folder: string): NeededArtifact[] {
  const artifacts = posix.normalize(topology.k3s.artifacts ?? '');
  const within = (path: string) => posix.relative(artifacts, path);
  return [
    ...releaseFolders(topology).flatMap((release) => releaseFiles(release, topology, folder, within)),
    ...chartFiles(topology),
    ...podmanArchives(topology),
    ...podArchives(topology, within),
    ...packages(topology),
    ...(topology.provisioner === 'null-resource' ? [provider] : []),
  ];
}

const provider: NeededArtifact = {
  kind: 'provider',
  name: 'registry.terraform.io/hashicorp/null',
  source: "'terraform providers mirror', or 'provisioner: builtin' in cluster.yaml, which needs none",
  hosts: [],
};

const names = (hosts: readonly Host[]) => hosts.map(({ name }) => name);

function releaseFiles(
  release: ReleaseFolder,
  topology: Topology,
  folder: string,
  within: (path: string) => string,
): NeededArtifact[] {
  const { version, sha256 } = topology.k3s;
  const { arch, binary, checksums, images } = release;
  const hosts = names(topology.nodes.filter((host) => releaseFolder(host, topology)?.arch === arch));
  const list = operatorFile(folder, `${release.folder}/${checksums}`);
  const known = existsSync(list) ? sums(readFileSync(list, 'utf8')) : new Map<string, string>();
  const file = (name: string, more: Partial<NeededArtifact> = {}): NeededArtifact => {
    const sum = (name === binary ? sha256?.[arch] : undefined) ?? known.get(name);
    return {
      kind: 'release',
      name,
      file: within(`${release.folder}/${name}`),
      source: `${releasePage(version)}/${name}`,
      ...(sum !== undefined && { sha256: sum }),
      architecture: arch,
      ...more,
      hosts,
    };
  };
  const [first = '', ...others] = images;
  const alternatives = others.map((name) => within(`${release.folder}/${name}`));
  return [file(binary), file(checksums), file(first, { alternatives })];
}

/** Servers hand them to k3s's Helm jobs. */
function chartFiles({ charts, servers }: Topology): NeededArtifact[] {
  return Object.values(charts).map(({ name, version, repository }) => ({
    kind: 'chart',
    name: `${name} ${version}`,
    file: `charts/${name}-${version}.tgz`,
    source: `helm pull ${name} --repo ${repository} --version ${version}`,
    hosts: names(servers),
  }));
}

function podmanArchives(topology: Topology): NeededArtifact[] {
  return podmanImages(topology).flatMap(({ image, hosts, builtFrom }) =>
    architectures(hosts).map((arch) =>
      archive({
        ...{ image, arch, folder: 'podman' },
        hosts: hosts.filter((host) => host.arch === arch),
        ...(builtFrom !== undefined && {
          made: `build it from ${builtFrom} as docs/how-to/database.md says, name it in 'database.patroni.image', and save it with 'podman save'`,
        }),
      }),
    ),
  );
}

/** What nodes get from a registry, or from archives. */
function podArchives(topology: Topology, within: (path: string) => string): NeededArtifact[] {
  return releaseFolders(topology).flatMap((release) =>
    podImages(topology).map((image) =>
      archive({
        ...{ image, arch: release.arch, folder: within(`${release.folder}/${release.ownImages}`) },
        hosts: topology.nodes.filter(({ arch }) => arch === release.arch),
        when: "unless a registry that hosts reach has it ('k3s.registries', 'images.mirror')",
      }),
    ),
  );
}

interface Archive {
  readonly image: string;
  readonly arch: Host['arch'];
  readonly folder: string;
  readonly hosts: readonly Host[];
  readonly when?: string;
  /** How it is made. @default - pulled and saved */
  readonly made?: string;
}

function archive({ image, arch, folder, hosts, when, made }: Archive): NeededArtifact {
  // One folder may have the images of two architectures.
  const base = image.replace(/@.*/, '').replace(/^.*\//, '').replace(/:/g, '-');
  const file = `${folder}/${base}-${arch}.tar`;
  return {
    kind: 'image',
    name: image,
    file,
    source:
      made ?? `podman pull --arch ${arch} ${image} && podman save --output ${base}-${arch}.tar ${image}`,
    architecture: arch,
    ...(when !== undefined && { when }),
    hosts: names(hosts),
  };
}

/** One entry a name and package manager, whichever of the two a host has. */
function packages(topology: Topology): NeededArtifact[] {
  const found = new Map<string, NeededArtifact & { hosts: string[] }>();
  const add = (host: Host, { apt, dnf, selinux = [], when }: OwnPackages) => {
    const lists = [
      { manager: 'apt', list: apt, why: when },
      { manager: 'dnf', list: dnf, why: when },
      { manager: 'dnf', list: selinux, why: when ?? 'if SELinux is on' },
    ] as const;
    for (const { manager, list, why } of lists)
      for (const name of list) {
        const key = `${manager} ${name}`;
        const before = found.get(key);
        if (!before) {
          const entry = { kind: 'package', name, manager, ...(why !== undefined && { when: why }) } as const;
          found.set(key, { ...entry, hosts: [host.name] });
        } else if (!before.hosts.includes(host.name)) before.hosts.push(host.name);
      }
  };
  for (const host of topology.hosts)
    for (const each of [hostPackages(host, topology), ...ownPackages(host, topology)]) add(host, each);
  return [...found.values()].sort(
    (a, b) => compare(a.manager ?? '', b.manager ?? '') || compare(a.name, b.name),
  );
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
