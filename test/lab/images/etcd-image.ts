import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, contentKey } from '../cache';
import { command } from '../command';
import { packageRepository, repositoryKey } from '../debian/package-repository';
import { dockerArchive } from './archive';

/** What the image calls itself: the release is Debian's. */
export const etcdImageName = 'quay.io/coreos/etcd:v3.5.16';

/** An archive for `podman load`: etcd and etcdctl of Debian, used like the official image, which has no shell either. */
export function etcdImage(): Promise<string> {
  return cached(`etcd-${contentKey([__filename], repositoryKey())}.tar`, async (path) => {
    const repository = await packageRepository();
    const parts = `${path}.parts`;
    const root = join(parts, 'root');
    mkdirSync(root, { recursive: true });
    try {
      // The C library, and where the dynamic linker is looked for.
      for (const name of ['libc6', 'etcd-server', 'etcd-client']) {
        const archive = readdirSync(repository).find((file) => file.startsWith(`${name}_`)) ?? '';
        await command('dpkg-deb', ['--extract', join(repository, archive), root]);
      }
      await command(
        'sh',
        [
          '-c',
          'rm -rf usr/share usr/sbin etc var && mkdir etc tmp && ln -sfn usr/lib lib; ln -sfn usr/lib64 lib64',
        ],
        { cwd: root },
      );
      await command('tar', ['-C', root, '--owner=0', '--group=0', '-cf', join(parts, 'layer.tar'), '.']);
      await dockerArchive(parts, path, etcdImageName, {
        Env: ['PATH=/usr/bin'],
        Entrypoint: ['/usr/bin/etcd'],
        ExposedPorts: { '2379/tcp': {}, '2380/tcp': {} },
      });
    } finally {
      rmSync(parts, { recursive: true, force: true });
    }
  });
}
