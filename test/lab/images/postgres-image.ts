import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ownArchitecture } from '../architecture';
import { cached, contentKey } from '../cache';
import { hostPackages, repositoryKey } from '../debian/package-repository';
import { debootstrap } from '../debian/root-filesystem';
import { withForeignPrograms } from '../foreign-programs';
import { dockerArchive } from './archive';

/** What the image calls itself. */
export const postgresImageName = 'docker.io/library/postgres:17';

/** The same with Patroni, as the hosts would build it if they had a registry. */
export const patroniImageName = 'registry.example/patroni:17';

/** An archive for `podman load`: Postgres 17 of Debian, used like the official image. */
export function postgresImage(arch = ownArchitecture): Promise<string> {
  return build('postgres', postgresImageName, [], arch);
}

/** An archive with Patroni too. */
export function patroniImage(): Promise<string> {
  return build('patroni', patroniImageName, ['patroni', 'python3-etcd', 'python3-psycopg2']);
}

function build(
  file: string,
  name: string,
  packages: readonly string[],
  arch = ownArchitecture,
): Promise<string> {
  const recipe = ['postgres-root.sh', 'docker-entrypoint.sh'].map((part) => join(__dirname, part));
  const key = contentKey([__filename, ...recipe], repositoryKey(hostPackages, arch));
  return cached(`${file}-${key}.tar`, async (path) => {
    const parts = `${path}.parts`;
    mkdirSync(parts, { recursive: true });
    try {
      const make = () =>
        debootstrap(
          join(parts, 'layer.tar'),
          ['postgresql-17', ...packages],
          [
            // The official image's ids, taken before the package takes others.
            `--essential-hook=echo postgres:x:999: >>"$1/etc/group"`,
            `--essential-hook=echo postgres:x:999:999::/var/lib/postgresql:/bin/bash >>"$1/etc/passwd"`,
            // Would empty /run, where the socket goes.
            '--skip=cleanup/run',
            `--customize-hook=sh ${join(__dirname, 'postgres-root.sh')} "$1"`,
          ],
          [hostPackages],
          arch,
        );
      await withForeignPrograms(arch, make);
      const config = {
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
      };
      await dockerArchive(parts, path, name, config, arch);
    } finally {
      rmSync(parts, { recursive: true, force: true });
    }
  });
}
