import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedImages } from '../../../src/config/pinned-images';
import { command } from '../command';
import { cacheHome } from '../paths';

/** Archives that somebody has put there, as `docker save` or `podman save` write them. */
const directory = join(cacheHome, 'k3s-cdk', 'images');

interface Image {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

/** Of the example app. */
export const webServer = 'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine';
/** k3s's own helper image: a shell. */
export const shell = /^docker\.io\/rancher\/mirrored-library-busybox:/;

/** Images of a cluster with MetalLB and NFS, k3s's own by their names: a release knows the tags. */
const needed: readonly (string | RegExp)[] = [
  /^docker\.io\/rancher\/mirrored-pause:/,
  /^docker\.io\/rancher\/mirrored-coredns-coredns:/,
  shell,
  pinnedImages.metallbController,
  pinnedImages.metallbSpeaker,
  pinnedImages.nfsSubdirProvisioner,
  webServer,
];

/** Of the other provisioner of NFS volumes. */
export const csiImages = [
  pinnedImages.nfsPlugin,
  pinnedImages.csiProvisioner,
  pinnedImages.csiResizer,
  pinnedImages.csiNodeDriverRegistrar,
  pinnedImages.csiLivenessProbe,
];

/** References of the images that are there. */
export function imagesThere(): string[] {
  return archives().flatMap((archive) => namesOf(manifestOf(archive)));
}

/** Images that no archive has. @param more beside those of every cluster */
export function missingImages(more: readonly string[] = []): string[] {
  const there = imagesThere();
  return [...needed, ...more]
    .filter((image) => !there.some((name) => isNamed(image, name)))
    .map((image) => (typeof image === 'string' ? image : `${image.source.replaceAll(/[\\^]/g, '')}…`));
}

/** Packs those that are needed, or are of csi, into one archive, as k3s releases have it. @param path ends with `.tar.zst` */
export async function packImages(path: string): Promise<void> {
  const parts = mkdtempSync(`${path}.parts-`);
  try {
    const images: Image[] = [];
    for (const archive of archives()) {
      const manifest = manifestOf(archive);
      const names = namesOf(manifest);
      if (![...needed, ...csiImages].some((image) => names.some((name) => isNamed(image, name)))) continue;
      images.push(...manifest);
      // Files are named after their content, but for the manifest.
      await command('tar', ['-xf', archive, '-C', parts]);
    }
    writeFileSync(join(parts, 'manifest.json'), JSON.stringify(images));
    rmSync(join(parts, 'repositories'), { force: true });
    // Under emulation SSH takes longer than unpacking, and of that zstd least.
    await command('tar', ['-C', parts, '-I', 'zstd -3 -T0', '-cf', path, ...readdirSync(parts)]);
  } finally {
    rmSync(parts, { recursive: true });
  }
}

function isNamed(image: string | RegExp, name: string): boolean {
  return typeof image === 'string' ? image === name : image.test(name);
}

function namesOf(manifest: readonly Image[]): string[] {
  return manifest.flatMap(({ RepoTags }) => RepoTags ?? []);
}

function archives(): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.tar'))
    .sort()
    .map((name) => join(directory, name));
}

function manifestOf(archive: string): Image[] {
  const { stdout } = spawnSync('tar', ['-xOf', archive, 'manifest.json'], { encoding: 'utf8' });
  if (!stdout) throw new Error(`'${archive}' is no image archive: it has no manifest.json`);
  return JSON.parse(stdout) as Image[];
}
