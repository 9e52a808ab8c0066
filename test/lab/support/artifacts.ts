import { copyFileSync, linkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Architecture, ownArchitecture } from '../architecture';
import { command } from '../command';
import { etcdImage } from '../images/etcd-image';
import { patroniImage, postgresImage } from '../images/postgres-image';
import type { K3sBinary } from '../k3s-binary';
import { folder } from './project';

/** Architecture of hosts and machine. */
export const arch = ownArchitecture;

export interface ArtifactsOptions {
  /** Images of a database on several hosts too. @default false */
  readonly severalDatabases?: boolean;
  /** Writes the release's archive of images to a path. @default - the release has none */
  readonly packImages?: (path: string) => Promise<void>;
  /** Whether the database's images are compressed, for hosts that unpack faster than they receive. @default false */
  readonly compressed?: boolean;
  /** Of the hosts. @default - this machine's */
  readonly arch?: Architecture;
}

/** Fills a folder as `k3s.artifacts` of cluster.yaml wants it: a k3s release, and archives of the database's images. */
export async function makeArtifacts(
  artifacts: string,
  binary: K3sBinary,
  { severalDatabases = false, packImages, compressed = false, arch = ownArchitecture }: ArtifactsOptions = {},
): Promise<void> {
  await placeRelease(artifacts, binary, packImages, arch);
  const images = severalDatabases ? [postgresImage, patroniImage, etcdImage] : [() => postgresImage(arch)];
  for (const image of images) await placeImage(artifacts, await image(), compressed);
}

/** Puts the archive of an image beside those that are there. */
export async function placeImage(artifacts: string, archive: string, compressed = false): Promise<void> {
  const podman = folder(artifacts, 'podman');
  const target = join(podman, basename(archive));
  if (compressed) await command('zstd', ['-q', '-f', '-3', '-T0', archive, '-o', `${target}.zst`]);
  else place(archive, target);
  rmSync(join(podman, 'sha256sum.txt'), { force: true });
  await checksums(podman, 'sha256sum.txt');
}

/** Puts a k3s release into the folder, in place of the one that is there. */
export async function placeRelease(
  artifacts: string,
  binary: K3sBinary,
  packImages?: (path: string) => Promise<void>,
  arch = ownArchitecture,
): Promise<void> {
  rmSync(join(artifacts, arch), { recursive: true, force: true });
  const release = folder(artifacts, arch);
  place(binary.path, join(release, arch === 'amd64' ? 'k3s' : `k3s-${arch}`));
  await packImages?.(join(release, `k3s-airgap-images-${arch}.tar.zst`));
  await checksums(release, `sha256sum-${arch}.txt`);
}

/** A second name where that is possible: the files are large. */
export function place(from: string, to: string): void {
  try {
    // Of the file itself: a second name of a link would lead nowhere from a host.
    linkSync(realpathSync(from), to);
  } catch {
    copyFileSync(from, to);
  }
}

async function checksums(directory: string, name: string): Promise<void> {
  const { stdout } = await command('sh', ['-c', 'sha256sum -- *'], { cwd: directory });
  writeFileSync(join(directory, name), stdout);
}
