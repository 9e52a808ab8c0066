import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FirmwareConfig } from './lab/lab-config';
import { firmware, writeBootDisk } from './lab/vm/raspberry';
import { answers, testWhen } from './support/needs';
import { scratchFolders } from './support/scratch';

const scratch = scratchFolders();
const testDisk = testWhen(
  answers('mcopy', '--version') && answers('/usr/sbin/mkfs.vfat', '--help'),
  'no boot disk of a Raspberry Pi is made: apt install mtools dosfstools',
);

/** Starts a stand-in for QEMU, whose guest does something in each of its lives; returns its kernel command lines. */
async function linesOf(config: FirmwareConfig, lives: readonly string[]): Promise<string[]> {
  const folder = scratch();
  const [disk, qemu] = [join(folder, 'boot.img'), join(folder, 'qemu')];
  await writeBootDisk(disk, config);
  const cases = lives.map((life, index) => `${index + 1}) ${life} ;;`).join('\n');
  writeFileSync(
    qemu,
    `#!/bin/bash
echo "\${!#}" >>${folder}/lines
off() { echo 'qemu_system_shutdown_request reason=7' >"$SHUTDOWN"; }
case $(wc -l <${folder}/lines) in
${cases}
*) off ;;
esac`,
  );
  chmodSync(qemu, 0o755);
  const env = { ...process.env, BOOT_DISK: disk, SHUTDOWN: join(folder, 'shutdown') };
  const { status, stderr } = spawnSync('bash', [firmware, qemu, 'console=ttyAMA0'], {
    env,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return existsSync(join(folder, 'lines'))
    ? readFileSync(join(folder, 'lines'), 'utf8').trimEnd().split('\n')
    : [];
}

const own = 'console=ttyAMA0,115200 root=LABEL=writable rootfstype=ext4 fsck.repair=yes rootwait';

testDisk.each([
  { config: 'raspberry', file: 'cmdline.txt' },
  { config: 'raspberry-ubuntu', file: 'current/cmdline.txt' },
] as const)(
  'a Pi of kind $config boots without a memory cgroup until its $file turns it on',
  async ({ config, file }) => {
    const edit = `echo '${own} cgroup_enable=memory' | mcopy -o -i "$BOOT_DISK" - ::${file}`;
    expect(await linesOf(config, [':', edit])).toEqual([
      `console=ttyAMA0 cgroup_disable=memory ${own}`,
      `console=ttyAMA0 cgroup_disable=memory ${own}`,
      `console=ttyAMA0  ${own} cgroup_enable=memory`,
    ]);
  },
);

testDisk('a Pi that is switched off from inside stays off', async () => {
  expect(await linesOf('raspberry', ['off'])).toHaveLength(1);
});
