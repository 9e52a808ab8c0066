import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cached, contentKey } from '../cache';
import { bareHost, bareHostKey } from '../debian/root-filesystem';

/** The root file system that all containers share, as a directory. */
export function containerRoot(): Promise<string> {
  const configure = join(__dirname, 'root.sh');
  return cached(`root-${contentKey([__filename, configure], bareHostKey())}`, async (path) => {
    mkdirSync(path, { recursive: true });
    await bareHost(path, [`--customize-hook=sh ${configure} "$1"`]);
  });
}
