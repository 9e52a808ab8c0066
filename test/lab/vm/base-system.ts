import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cached, contentKey } from '../cache';
import { command } from '../command';
import { packageRepository, repositoryKey } from '../debian/package-repository';
import { bareHost, bareHostKey } from '../debian/root-filesystem';
import { sparse } from '../host-files';
import { vmPackages } from './machine-packages';

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

export async function baseSystem(): Promise<BaseSystem> {
  const directory = await system();
  return {
    kernel: join(directory, 'kernel'),
    initrd: join(directory, 'initrd'),
    disk: join(directory, 'disk.ext4'),
    packages: await packagesDisk(),
  };
}

function system(): Promise<string> {
  const recipe = ['init.sh', 'root.sh', '../debian/provision.sh'].map((name) => join(__dirname, name));
  const key = contentKey([__filename, ...recipe], bareHostKey(), repositoryKey(vmPackages));
  return cached(`vm-${key}`, async (path) => {
    const root = join(path, 'root');
    mkdirSync(root, { recursive: true });
    const packages = await packageRepository(vmPackages);
    const kernel = join(packages, fileOf(packages, /^linux-image-[0-9].*\.deb$/));
    await bareHost(root, [`--customize-hook=sh ${join(__dirname, 'root.sh')} "$1" ${kernel}`], {
      list: vmPackages,
      packages: ['qemu-guest-agent', ...ofK3s],
    });
    const boot = join(root, 'boot');
    copyFileSync(join(boot, fileOf(boot, /^vmlinuz-/)), join(path, 'kernel'));
    await initrd(path, root, join(packages, fileOf(packages, /^busybox-static_.*\.deb$/)));
    await ext4(join(path, 'disk.ext4'), root, diskSize);
    rmSync(root, { recursive: true });
  });
}

/** What `init.sh` loads. */
const modules = [
  'drivers/block/virtio_blk.ko',
  'net/core/failover.ko',
  'drivers/net/net_failover.ko',
  'drivers/net/virtio_net.ko',
];

async function initrd(path: string, root: string, busybox: string): Promise<void> {
  const files = join(path, 'initrd.files');
  for (const name of ['bin', 'modules']) mkdirSync(join(files, name), { recursive: true });
  await command('dpkg-deb', ['--extract', busybox, join(path, 'busybox')]);
  copyFileSync(join(path, 'busybox/usr/bin/busybox'), join(files, 'bin/busybox'));
  await command('chroot', [files, '/bin/busybox', '--install', '-s', '/bin']);
  copyFileSync(join(__dirname, 'init.sh'), join(files, 'init'));
  copyFileSync(join(__dirname, '../debian/provision.sh'), join(files, 'provision.sh'));
  const kernel = join(root, 'usr/lib/modules', fileOf(join(root, 'usr/lib/modules'), /./), 'kernel');
  for (const module of modules) {
    const to = join(files, 'modules', basename(module));
    await command('sh', ['-c', 'xz -dc "$1.xz" >"$2"', 'sh', join(kernel, module), to]);
  }
  chmodSync(join(files, 'init'), 0o755);
  await archive(files, join(path, 'initrd'));
  rmSync(files, { recursive: true });
  rmSync(join(path, 'busybox'), { recursive: true });
}

/** Packs a directory as the kernel unpacks it, everything root's; its length is a multiple of 512. */
export async function archive(directory: string, path: string): Promise<void> {
  const pack = 'find . -print0 | cpio --quiet --create --null --format=newc --owner=+0:+0 >"$1"';
  await command('sh', ['-c', pack, 'sh', path], { cwd: directory });
}

function packagesDisk(): Promise<string> {
  return cached(`packages-${contentKey([__filename], repositoryKey())}.ext4`, async (path) => {
    const from = await packageRepository();
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
