import { join } from 'node:path';
import { ownArchitecture } from '../architecture';
import { contentKey } from '../cache';
import { command } from '../command';
import { hostPackages, packageRepository, packageSets, repositoryKey, suite } from './package-repository';

/** Where hosts see the package repository. */
export const repositoryMount = '/srv/apt';

const configure = join(__dirname, 'root.sh');

/** Changes when `bareHost` makes something else. */
export function bareHostKey(arch = ownArchitecture): string {
  return contentKey([__filename, configure], repositoryKey(hostPackages, arch));
}

/**
 * Installs a bare host into an empty directory: the first set of `packages.txt`, configured by `root.sh`.
 *
 * @param options of mmdebstrap
 * @param more packages beside it, from the repositories of other lists
 */
export async function bareHost(
  path: string,
  options: readonly string[],
  more?: { readonly lists: readonly string[]; readonly packages: readonly string[] },
  arch = ownArchitecture,
): Promise<void> {
  const packages = [...(packageSets()[0] ?? []), ...(more?.packages ?? [])];
  const hook = `--customize-hook=sh ${configure} "$1" ${repositoryMount}`;
  await debootstrap(path, packages, [hook, ...options], [hostPackages, ...(more?.lists ?? [])], arch);
}

/**
 * Installs packages of the lists' repositories into an empty directory, or a tar archive when `target` ends so. For
 * another architecture, its programs have to run here meanwhile.
 */
export async function debootstrap(
  target: string,
  packages: readonly string[],
  options: readonly string[] = [],
  lists: readonly string[] = [hostPackages],
  arch = ownArchitecture,
): Promise<void> {
  const repositories: string[] = [];
  for (const list of lists) repositories.push(await packageRepository(list, arch));
  const args = [
    ...['--verbose', '--mode=root', '--variant=apt'],
    // Its own check knows the packages of a distribution only.
    ...(arch === ownArchitecture ? [] : [`--architectures=${arch}`, '--skip=check/qemu']),
    `--include=${packages.join(',')}`,
    ...options,
    suite,
    target,
    ...repositories.map((path) => `deb [trusted=yes] copy:${path} ./`),
  ];
  await command('mmdebstrap', args, { silence: 600_000 });
}
