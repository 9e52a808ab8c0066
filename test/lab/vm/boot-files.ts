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
import { command } from '../command';
import { sparse } from '../host-files';

/**
 * Takes the kernels of a root out of it, each with an archive of `init.sh` and what that needs.
 *
 * @param kernels how their names end, by size of pages
 * @param packages folder with busybox
 */
export async function bootFiles(
  path: string,
  root: string,
  kernels: Readonly<Record<number, string>>,
  packages: string,
): Promise<void> {
  const boot = join(root, 'boot');
  const busybox = join(packages, fileOf(packages, /^busybox-static_.*\.deb$/));
  for (const [pageSize, name] of Object.entries(kernels)) {
    const kernel = fileOf(boot, new RegExp(`^vmlinuz-.*${name}$`));
    copyFileSync(join(boot, kernel), join(path, `kernel-${pageSize}`));
    await initrd(join(path, `initrd-${pageSize}`), root, kernel.slice('vmlinuz-'.length), busybox);
  }
}

/** Packages of these kernels in a folder of packages. */
export function kernelImages(packages: string, kernels: Readonly<Record<number, string>>): string[] {
  return Object.values(kernels).map((name) =>
    join(packages, fileOf(packages, new RegExp(`^linux-image-[0-9].*${name}_.*\\.deb$`))),
  );
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

/** Makes a file system of a folder, with the labels that its files have. */
export async function ext4(path: string, from: string, mebibytes: number): Promise<void> {
  sparse(path, mebibytes);
  await command('mkfs.ext4', ['-q', '-F', '-m', '0', '-d', from, path]);
}

/** The same, as large as the folder needs. */
export async function ext4Of(path: string, from: string): Promise<void> {
  const { stdout } = await command('du', ['--summarize', '--block-size=1M', from]);
  await ext4(path, from, Math.ceil(Number.parseInt(stdout, 10) * 1.1) + 32);
}

function fileOf(directory: string, name: RegExp): string {
  const found = readdirSync(directory).find((entry) => name.test(entry));
  if (found === undefined) throw new Error(`no ${name} in '${directory}'`);
  return found;
}
