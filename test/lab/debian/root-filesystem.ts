import { join } from 'node:path';
import { contentKey } from '../cache';
import { command } from '../command';
import { hostPackages, packageRepository, packageSets, repositoryKey, suite } from './package-repository';

/** Where hosts see the package repository. */
export const repositoryMount = '/srv/apt';

const configure = join(__dirname, 'root.sh');

/** Changes when `bareHost` makes something else. */
export function bareHostKey(): string {
  return contentKey([__filename, configure], repositoryKey());
}

/**
 * Installs a bare host into an empty directory: the first set of `packages.txt`, configured by `root.sh`.
 *
 * @param options of mmdebstrap
 * @param more packages beside it, from the repository of another list
 */
export async function bareHost(
  path: string,
  options: readonly string[],
  more?: { readonly list: string; readonly packages: readonly string[] },
): Promise<void> {
  const packages = [...(packageSets()[0] ?? []), ...(more?.packages ?? [])];
  const hook = `--customize-hook=sh ${configure} "$1" ${repositoryMount}`;
  await debootstrap(path, packages, [hook, ...options], [hostPackages, ...(more ? [more.list] : [])]);
}

/** Installs packages of the lists' repositories into an empty directory, or a tar archive when `target` ends so. */
export async function debootstrap(
  target: string,
  packages: readonly string[],
  options: readonly string[] = [],
  lists: readonly string[] = [hostPackages],
): Promise<void> {
  const repositories = await Promise.all(lists.map((list) => packageRepository(list)));
  await command('mmdebstrap', [
    '--mode=root',
    '--variant=apt',
    `--include=${packages.join(',')}`,
    ...options,
    suite,
    target,
    ...repositories.map((path) => `deb [trusted=yes] copy:${path} ./`),
  ]);
}
