import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Architecture } from '../architecture';
import { cached, contentKey } from '../cache';
import { command } from '../command';
import { hostPackages, packageRepository, repositoryKey } from '../debian/package-repository';
import { bareHost, bareHostKey } from '../debian/root-filesystem';
import { withForeignPrograms } from '../foreign-programs';
import { sparse } from '../host-files';
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

/** What releases of k3s bring themselves, and a k3s that somebody has built may not. */
const ofK3s = ['iptables', 'ipset', 'conntrack'];

/** Of a host's system disk, in MiB, unless its config says otherwise. The file is sparse. */
export const diskSize = 16_384;

/** @param pageSize of the kernel, in KiB */
export async function baseSystem(guest: Guest, pageSize = 4): Promise<BaseSystem> {
  const directory = await system(guest);
  return {
    kernel: join(directory, `kernel-${pageSize}`),
    initrd: join(directory, `initrd-${pageSize}`),
    disk: join(directory, 'disk.ext4'),
    packages: await packagesDisk(guest),
  };
}

/** One disk for all of its kernels. */
function system({ arch, kernels }: Guest): Promise<string> {
  const list = guestPackages(arch);
  const recipe = ['init.sh', 'root.sh', '../debian/provision.sh'].map((name) => join(__dirname, name));
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
  const images = Object.values(kernels).map((name) =>
    join(packages, fileOf(packages, new RegExp(`^linux-image-[0-9].*${name}_.*\\.deb$`))),
  );
  const hook = `--customize-hook=sh ${join(__dirname, 'root.sh')} "$1" ${images.join(' ')}`;
  await bareHost(root, [hook], { list, packages: ['qemu-guest-agent', ...ofK3s] }, arch);
  const boot = join(root, 'boot');
  for (const [pageSize, name] of Object.entries(kernels)) {
    const kernel = fileOf(boot, new RegExp(`^vmlinuz-.*${name}$`));
    copyFileSync(join(boot, kernel), join(path, `kernel-${pageSize}`));
    const busybox = join(packages, fileOf(packages, /^busybox-static_.*\.deb$/));
    await initrd(join(path, `initrd-${pageSize}`), root, kernel.slice('vmlinuz-'.length), busybox);
  }
  await ext4(join(path, 'disk.ext4'), root, diskSize);
  rmSync(root, { recursive: true });
}

/** What `init.sh` needs of a kernel. */
const modules = ['virtio_pci', 'virtio_blk', 'virtio_net', 'crc32c_generic', 'ext4'];

/** @param release of the kernel */
async function initrd(path: string, root: string, release: string, busybox: string): Promise<void> {
  const files = `${path}.files`;
  for (const name of ['bin', 'modules']) mkdirSync(join(files, name), { recursive: true });
  await command('dpkg-deb', ['--extract', busybox, `${path}.busybox`]);
  copyFileSync(join(`${path}.busybox`, 'usr/bin/busybox'), join(files, 'bin/busybox'));
  await command('chroot', [files, '/bin/busybox', '--install', '-s', '/bin']);
  copyFileSync(join(__dirname, 'init.sh'), join(files, 'init'));
  copyFileSync(join(__dirname, '../debian/provision.sh'), join(files, 'provision.sh'));
  const folder = join(root, 'usr/lib/modules', release);
  const needed = inOrder(readFileSync(join(folder, 'modules.dep'), 'utf8'));
  for (const module of needed) {
    const to = join(files, 'modules', basename(module, '.xz'));
    await command('sh', ['-c', 'xz -dc "$1" >"$2"', 'sh', join(folder, module), to]);
  }
  writeFileSync(
    join(files, 'modules/order'),
    needed.map((module) => `${basename(module, '.xz')}\n`).join(''),
  );
  chmodSync(join(files, 'init'), 0o755);
  await archive(files, path);
  rmSync(files, { recursive: true });
  rmSync(`${path}.busybox`, { recursive: true });
}

/** Files of modules that are not part of the kernel itself, each after those that it depends on. */
function inOrder(dependencies: string): string[] {
  const files = modules.flatMap((name) => {
    const [file, rest = ''] =
      new RegExp(`^(\\S+/${name}\\.ko\\.xz): ?(.*)$`, 'm').exec(dependencies)?.slice(1) ?? [];
    return file === undefined ? [] : [...rest.split(' ').filter(Boolean).reverse(), file];
  });
  return [...new Set(files)];
}

/** Packs a directory as the kernel unpacks it, everything root's; its length is a multiple of 512. */
export async function archive(directory: string, path: string): Promise<void> {
  const pack = 'find . -print0 | cpio --quiet --create --null --format=newc --owner=+0:+0 >"$1"';
  await command('sh', ['-c', pack, 'sh', path], { cwd: directory });
}

function packagesDisk({ arch }: Guest): Promise<string> {
  const key = contentKey([__filename], repositoryKey(hostPackages, arch));
  return cached(`packages-${key}.ext4`, async (path) => {
    const from = await packageRepository(hostPackages, arch);
    const { stdout } = await command('du', ['--summarize', '--block-size=1M', from]);
    await ext4(path, from, Math.ceil(Number.parseInt(stdout, 10) * 1.1) + 32);
  });
}

async function ext4(path: string, from: string, mebibytes: number): Promise<void> {
  sparse(path, mebibytes);
  await command('mkfs.ext4', ['-q', '-F', '-m', '0', '-d', from, path]);
}

function fileOf(directory: string, name: RegExp): string {
  const found = readdirSync(directory).find((entry) => name.test(entry));
  if (found === undefined) throw new Error(`no ${name} in '${directory}'`);
  return found;
}
