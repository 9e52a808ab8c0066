import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cached, contentKey } from '../cache';
import { command } from '../command';
import { repositoryKey } from '../debian/package-repository';
import { debootstrap } from '../debian/root-filesystem';

/** What the image calls itself. */
export const postgresImageName = 'docker.io/library/postgres:17';

/** An archive for `podman load`: Postgres 17 of Debian, used like the official image. */
export function postgresImage(): Promise<string> {
  const recipe = ['root.sh', 'docker-entrypoint.sh'].map((name) => join(__dirname, name));
  const key = contentKey([__filename, ...recipe], repositoryKey());
  return cached(`postgres-${key}.tar`, async (path) => {
    const parts = `${path}.parts`;
    mkdirSync(parts, { recursive: true });
    try {
      await debootstrap(
        join(parts, 'layer.tar'),
        ['postgresql-17'],
        [
          // The official image's ids, taken before the package takes others.
          `--essential-hook=echo postgres:x:999: >>"$1/etc/group"`,
          `--essential-hook=echo postgres:x:999:999::/var/lib/postgresql:/bin/bash >>"$1/etc/passwd"`,
          // Would empty /run, where the socket goes.
          '--skip=cleanup/run',
          `--customize-hook=sh ${join(__dirname, 'root.sh')} "$1"`,
        ],
      );
      await dockerArchive(parts, path);
    } finally {
      rmSync(parts, { recursive: true, force: true });
    }
  });
}

/** Packs `parts`/layer.tar as an image of one layer, in the format of `docker save`. */
async function dockerArchive(parts: string, path: string): Promise<void> {
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/17/bin',
        'LANG=C.UTF-8',
        'PG_MAJOR=17',
        'PGDATA=/var/lib/postgresql/data',
      ],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['postgres'],
      ExposedPorts: { '5432/tcp': {} },
      Volumes: { '/var/lib/postgresql/data': {} },
      StopSignal: 'SIGINT',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${await sha256(join(parts, 'layer.tar'))}`] },
  });
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  writeFileSync(join(parts, configName), config);
  const manifest = [{ Config: configName, RepoTags: [postgresImageName], Layers: ['layer.tar'] }];
  writeFileSync(join(parts, 'manifest.json'), JSON.stringify(manifest));
  await command('tar', ['-C', parts, '-cf', path, 'manifest.json', configName, 'layer.tar']);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
