import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from '../architecture';
import { cached, contentKey } from '../cache';
import { hostPackages, packageRepository, repositoryKey } from '../debian/package-repository';
import { bareHost, bareHostKey } from '../debian/root-filesystem';
import { withForeignPrograms } from '../foreign-programs';
import type { HostConfig } from '../lab-config';
import { bootFiles, ext4, ext4Of, kernelImages } from './boot-files';
import { elSystem } from './el/el-system';
import type { Guest } from './guest';
import { guestPackages } from './machine-packages';

/** What every virtual machine starts from; all of it is read only. */
export interface BaseSystem {
  readonly kernel: string;
  /** Archive with `init.sh`; a host's own archive is appended to it. */
  readonly initrd: string;
  /** Root file system of a bare host, for a disk of `diskSize`. */
  readonly disk: string;
  /** The package repository as a file system. */
  readonly packages: string;
}

/** What of a host decides which one. */
export type BaseSystemConfig = Pick<HostConfig, 'pageSize' | 'system'>;

/** What releases of k3s bring themselves, and a k3s that somebody has built may not. */
const ofK3s = ['iptables', 'ipset', 'conntrack'];

/** Of a host's system disk, in MiB, unless its config says otherwise. The file is sparse. */
export const diskSize = 16_384;

export async function baseSystem(guest: Guest, config: BaseSystemConfig): Promise<BaseSystem> {
  const { pageSize = 4, system } = config;
  const directory = system === 'el' ? await elSystem(diskSize) : await debianSystem(guest);
  return {
    kernel: join(directory, `kernel-${pageSize}`),
    initrd: join(directory, `initrd-${pageSize}`),
    disk: join(directory, 'disk.ext4'),
    packages: system === 'el' ? join(directory, 'packages.ext4') : await packagesDisk(guest),
  };
}

/** One disk for all of its kernels. */
function debianSystem({ arch, kernels }: Guest): Promise<string> {
  const list = guestPackages(arch);
  const recipe = ['boot-files.ts', 'init.sh', 'root.sh', '../debian/provision.sh'].map((name) =>
    join(__dirname, name),
  );
  const key = contentKey(
    [__filename, ...recipe],
    ...[JSON.stringify(kernels), bareHostKey(arch), repositoryKey(list, arch)],
  );
  return cached(`vm-${key}`, (path) => withForeignPrograms(arch, () => make(path, arch, kernels)));
}

async function make(path: string, arch: Architecture, kernels: Guest['kernels']): Promise<void> {
  const root = join(path, 'root');
  mkdirSync(root, { recursive: true });
  const list = guestPackages(arch);
  const packages = await packageRepository(list, arch);
  const hook = `--customize-hook=sh ${join(__dirname, 'root.sh')} "$1" ${kernelImages(packages, kernels).join(' ')}`;
  await bareHost(root, [hook], { lists: [list], packages: ['qemu-guest-agent', ...ofK3s] }, arch);
  await bootFiles(path, root, kernels, packages);
  await ext4(join(path, 'disk.ext4'), root, diskSize);
  rmSync(root, { recursive: true });
}

function packagesDisk({ arch }: Guest): Promise<string> {
  const key = contentKey([__filename], repositoryKey(hostPackages, arch));
  return cached(`packages-${key}.ext4`, async (path) =>
    ext4Of(path, await packageRepository(hostPackages, arch)),
  );
}
