import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Architecture, ownArchitecture } from './architecture';
import { command } from './command';
import { isRepositoryCached, MirrorError, packageRepository, suite } from './debian/package-repository';
import type { HostKind, PackageList } from './lab-host';

/**
 * Installs what the lab needs on this machine, where it is a Debian and this is root, and downloads the hosts' packages.
 * Returns in one phrase why there can be no lab here; undefined when there can.
 */
export async function whyNoLab(
  kind: HostKind,
  log: (line: string) => void,
  architectures: readonly Architecture[] = [ownArchitecture],
  more: readonly PackageList[] = [],
): Promise<string | undefined> {
  if (process.platform !== 'linux') return `hosts run on Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'only root can boot hosts; run it with sudo';
  return (
    (await installPackages(kind, log)) ??
    kind.missing()[0] ??
    (await downloadPackages([...kind.packageLists(architectures), ...more], log))
  );
}

async function installPackages(kind: HostKind, log: (line: string) => void): Promise<string | undefined> {
  const needed = Object.entries(kind.packages).filter(([program]) => !isInstalled(program));
  if (needed.length === 0) return undefined;
  const packages = [...new Set(needed.map(([, name]) => name))];
  if (!isInstalled('apt-get')) {
    return `this machine lacks ${needed.map(([program]) => program).join(', ')}, and has no apt-get to install from`;
  }
  log(`installing ${packages.join(', ')} on this machine`);
  const environment = { env: { DEBIAN_FRONTEND: 'noninteractive' }, allowFailure: true };
  await command('apt-get', ['update'], environment);
  // Something else may be installing.
  const patience = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = ['install', '--yes', '--no-install-recommends', ...patience, ...packages];
  const { status, stderr } = await command('apt-get', install, environment);
  const reason = stderr.trim().split('\n')[0];
  return status === 0 ? undefined : `apt-get cannot install ${packages.join(', ')}: ${reason}`;
}

/** Makes the cached packages; they must come from somewhere. */
async function downloadPackages(
  lists: readonly PackageList[],
  log: (line: string) => void,
): Promise<string | undefined> {
  if (!lists.every(({ list, arch }) => isRepositoryCached(list, arch)))
    log(`downloading packages of Debian ${suite}, once`);
  try {
    for (const { list, arch } of lists) await packageRepository(list, arch);
    return undefined;
  } catch (error) {
    if (error instanceof MirrorError) return error.message;
    throw error;
  }
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
