import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command';
import { sparse } from '../host-files';
import type { FirmwareConfig } from '../lab-config';

/** Serial number of the disk from which a Raspberry Pi boots, and its file's name. */
export const bootDisk = 'lab-boot';

/** Line of /etc/fstab, as on Raspberry Pi OS but for the name of the disk. */
export const bootMount = 'LABEL=bootfs  /boot/firmware  vfat  defaults  0  2\n';

/** What QEMU gets as a Raspberry Pi: `firmware.sh`, which reads the boot disk at each start of the guest. */
export const firmware = join(__dirname, 'firmware.sh');

/** Where Ubuntu keeps what is booted, since it tries new kernels before it trusts them. */
const prefixes: Readonly<Record<FirmwareConfig, string>> = { raspberry: '', 'raspberry-ubuntu': 'current/' };

/** Makes a Raspberry Pi's boot disk, which its system mounts at /boot/firmware: the files that k3s-cdk meets there. */
export async function writeBootDisk(path: string, config: FirmwareConfig): Promise<void> {
  if (existsSync(path)) return;
  sparse(path, 64);
  await command('mkfs.vfat', ['-n', 'bootfs', path]);
  const prefix = prefixes[config];
  if (prefix) await command('mmd', ['-i', path, `::${prefix.slice(0, -1)}`]);
  const files = {
    'config.txt': `[all]\n${prefix ? `os_prefix=${prefix}\n` : ''}arm_64bit=1\n`,
    [`${prefix}cmdline.txt`]:
      'console=ttyAMA0,115200 root=LABEL=writable rootfstype=ext4 fsck.repair=yes rootwait\n',
  };
  for (const [name, input] of Object.entries(files)) {
    await command('mcopy', ['-i', path, '-', `::${name}`], { input });
  }
}
