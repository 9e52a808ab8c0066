import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cached, contentKey } from '../cache';
import { command } from '../command';
import { debianMirror } from '../debian/package-repository';

/** What the image calls itself: the last major version that Debian has before that of the lab's own image. */
export const olderPostgresName = 'docker.io/library/postgres:15';

/**
 * An archive for `podman load`: Postgres 15 of Debian 12, with the folders and ids of the official image and without its
 * entry point, which k3s-cdk's unit passes over once there is data.
 */
export function olderPostgres(): Promise<string> {
  return cached(`postgres-15-${contentKey([__filename], process.arch)}.tar`, async (path) => {
    const parts = `${path}.parts`;
    mkdirSync(parts, { recursive: true });
    try {
      const layer = join(parts, 'layer.tar');
      await command(
        'mmdebstrap',
        [
          '--mode=root',
          '--variant=apt',
          '--include=postgresql-15',
          `--essential-hook=echo postgres:x:999: >>"$1/etc/group"`,
          `--essential-hook=echo postgres:x:999:999::/var/lib/postgresql:/bin/bash >>"$1/etc/passwd"`,
          // Half of the size is for compiling queries.
          `--customize-hook=rm -rf "$1"/usr/lib/*/libLLVM* "$1"/usr/lib/postgresql/15/lib/llvmjit* "$1"/var/lib/postgresql/15`,
          '--customize-hook=install -d -o 999 -g 999 -m 0700 "$1/var/lib/postgresql/data"',
          'bookworm',
          layer,
          `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${await debianMirror()} bookworm main`,
        ],
        { timeout: 900_000 },
      );
      await pack(parts, layer, path);
    } finally {
      rmSync(parts, { recursive: true, force: true });
    }
  });
}

/** One layer, in the format of `docker save`. */
async function pack(parts: string, layer: string, path: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(layer), hash);
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin', 'LANG=C.UTF-8'],
      StopSignal: 'SIGINT',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] },
  });
  writeFileSync(join(parts, 'config.json'), config);
  const manifest = [{ Config: 'config.json', RepoTags: [olderPostgresName], Layers: ['layer.tar'] }];
  writeFileSync(join(parts, 'manifest.json'), JSON.stringify(manifest));
  await command('tar', ['-C', parts, '-cf', path, 'manifest.json', 'config.json', 'layer.tar']);
}
