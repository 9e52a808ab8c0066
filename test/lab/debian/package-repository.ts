import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, ownArchitecture } from '../architecture';
import { cached, contentKey, isCached } from '../cache';
import { command } from '../command';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
export const suite = 'trixie';

/** The mirror does not answer, which is no fault of ours. */
export class MirrorError extends Error {}

/**
 * Where the machine's own apt gets Debian from, or `DEBIAN_MIRROR` for a machine that runs something else.
 *
 * @throws MirrorError when there is neither
 */
export async function debianMirror(): Promise<string> {
  if (process.env.DEBIAN_MIRROR) return process.env.DEBIAN_MIRROR;
  const { stdout } = await command('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = stdout.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined)
    throw new MirrorError("apt here has no archive of Debian: set 'DEBIAN_MIRROR' to the address of one");
  return mirror;
}

/** Packages that hosts install, and what bare hosts are made of. */
export const hostPackages = join(__dirname, 'packages.txt');

/** What a file like `packages.txt` lists: sets of packages that can be installed together. */
export function packageSets(list = hostPackages): string[][] {
  return readFileSync(list, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '));
}

export function repositoryKey(list = hostPackages, arch = ownArchitecture): string {
  return contentKey([__filename, list], arch);
}

export function isRepositoryCached(list = hostPackages, arch = ownArchitecture): boolean {
  return isCached(`packages-${repositoryKey(list, arch)}`);
}

/**
 * A flat apt repository with the packages of a list and all they depend on, essential packages included:
 * roots are made from it, and hosts install from it, without any network.
 */
export function packageRepository(list = hostPackages, arch = ownArchitecture): Promise<string> {
  return cached(`packages-${repositoryKey(list, arch)}`, async (path) => {
    const mirror = await debianMirror();
    const apt = await separateApt(`${path}.apt`, mirror, arch);
    try {
      await apt('update', '-o', 'APT::Update::Error-Mode=any').catch((error: Error) => {
        throw new MirrorError(
          `no packages from ${mirror}: ${/^E: .*/m.exec(error.message)?.[0] ?? error.message}`,
        );
      });
      for (const set of packageSets(list)) {
        await apt('install', '--yes', '--download-only', '?essential', ...set);
      }
      await index(join(`${path}.apt`, 'archives'), path);
    } finally {
      rmSync(`${path}.apt`, { recursive: true, force: true });
    }
  });
}

/** apt-get with a state of its own, in which nothing is installed; the machine's proxy settings stay in force. */
async function separateApt(
  directory: string,
  mirror: string,
  arch: Architecture,
): Promise<(...args: string[]) => Promise<unknown>> {
  for (const part of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(directory, part), { recursive: true });
  }
  writeFileSync(join(directory, 'status'), '');
  writeFileSync(join(directory, 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const settings = {
    'APT::Architecture': arch,
    'APT::Architectures': arch,
    'Dir::State': directory,
    'Dir::State::status': join(directory, 'status'),
    'Dir::Cache': directory,
    'Dir::Etc::SourceList': join(directory, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::Etc::PreferencesParts': '/dev/null',
    'APT::Install-Recommends': 'false',
    // The directory is root's alone.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '5',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return (...args) => command('apt-get', [...options, ...args], { silence: 600_000 });
}

async function index(archives: string, path: string): Promise<void> {
  await command('rm', ['-rf', join(archives, 'partial'), join(archives, 'lock')]);
  await command('mv', [archives, path]);
  // Relative file names in the index: apt looks for them below the repository's own path.
  const { stdout } = await command('apt-ftparchive', ['packages', '.'], { cwd: path });
  writeFileSync(join(path, 'Packages'), stdout);
  writeFileSync(
    join(path, 'Release'),
    (await command('apt-ftparchive', ['release', '.'], { cwd: path })).stdout,
  );
}
