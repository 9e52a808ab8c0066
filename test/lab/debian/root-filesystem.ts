import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cached, contentKey } from '../cache';
import { command } from '../command';
import { packageRepository, packageSets, repositoryKey, suite } from './package-repository';

/** Where hosts see the package repository. */
export const repositoryMount = '/srv/apt';

/** The root file system of a bare host as a directory: the first set of `packages.txt`, configured by `root.sh`. */
export function rootFilesystem(): Promise<string> {
  const configure = join(__dirname, 'root.sh');
  const key = contentKey([__filename, configure], repositoryKey());
  return cached(`root-${key}`, async (path) => {
    mkdirSync(path, { recursive: true });
    const packages = packageSets()[0] ?? [];
    await debootstrap(path, packages, [`--customize-hook=sh ${configure} "$1" ${repositoryMount}`]);
  });
}

/** Installs packages of the repository into an empty directory, or a tar archive when `target` ends so. */
export async function debootstrap(
  target: string,
  packages: readonly string[],
  options: readonly string[] = [],
): Promise<void> {
  const repository = await packageRepository();
  await command('mmdebstrap', [
    '--mode=root',
    '--variant=apt',
    `--include=${packages.join(',')}`,
    ...options,
    suite,
    target,
    `deb [trusted=yes] copy:${repository} ./`,
  ]);
}
