import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { answers, testWhen } from '../support/needs';
import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();

/** A file, which is read as a disk would be. */
const device = '/run/disk';
const mib = 1024 * 1024;

interface Disk {
  /** Exit code of `blkid --probe`: 0 found, 2 nothing, 8 contradictory. */
  readonly probe: number;
  readonly type?: string;
  readonly wipefs?: string;
  readonly partitions?: number;
  /** What is on it, and where, beside zeros. @default nothing */
  readonly content?: readonly (readonly [offset: number, bytes: Buffer])[];
  /** In bytes. @default 1 GiB */
  readonly size?: number;
}

/** A machine whose disk is as described, until it is formatted. */
function machine({
  probe,
  type = '',
  wipefs = '',
  partitions = 0,
  content = [],
  size = 1024 * mib,
}: Disk): ScriptSandbox {
  const sandbox = new ScriptSandbox(scratch());
  const formatted = '[[ -e ${0%/*}/formatted ]]';
  sandbox.stub(
    'blkid',
    `${formatted} && t=ext4 || t='${type}'
     case $* in *TYPE*) echo "$t" ;; *UUID*) echo 12-34 ;; *) ${formatted} || exit ${probe} ;; esac`,
  );
  sandbox.stub('wipefs', `printf '%s' '${wipefs}'`);
  sandbox.stub('lsblk', `for ((i = 0; i <= ${partitions}; i++)); do echo x; done`);
  sandbox.stub('blockdev', 'exec stat -c %s "$2"');
  sandbox.stub('mkfs.ext4', 'touch ${0%/*}/formatted');
  for (const name of ['dpkg-query', 'apt-get', 'udevadm', 'systemctl', 'findmnt'])
    sandbox.stub(name, name === 'dpkg-query' ? 'printf installed' : name === 'findmnt' ? 'exit 1' : '');
  sandbox.stub('systemd-escape', 'echo srv-postgres.mount');
  sandbox.write(device, '');
  fill(sandbox.path(device), size, content);
  return sandbox;
}

/** Makes a file of zeros, which takes no space, with something in it. */
function fill(file: string, size: number, content: NonNullable<Disk['content']>): void {
  const disk = openSync(file, 'r+');
  ftruncateSync(disk, size);
  for (const [offset, bytes] of content) writeSync(disk, bytes, 0, bytes.length, offset);
  closeSync(disk);
}

function disks(sandbox: ScriptSandbox, format = 'if-blank', path = device) {
  return sandbox.run('disks.sh', {
    disks: `${path} /run/srv/postgres ext4 ${format}\n`,
    // A disk that is missing is given no time to appear.
    'step.env': `HOST='storage1'\nEXT4_PACKAGE=e2fsprogs\nXFS_PACKAGE=xfsprogs\nwait_until() { shift; "$@"; }\n`,
  });
}

const formatted = (sandbox: ScriptSandbox) => sandbox.calls().filter((call) => call.startsWith('mkfs'));

testInSandbox('a blank disk is formatted and mounted by its UUID at every boot', () => {
  const sandbox = machine({ probe: 2 });
  expect(disks(sandbox)).toMatchObject({ status: 0, stderr: '' });
  expect(formatted(sandbox)).toEqual(['mkfs.ext4 -q -m 0 /run/disk']);
  expect(sandbox.read('etc/systemd/system/srv-postgres.mount')).toMatch(
    /What=\/dev\/disk\/by-uuid\/12-34\nWhere=\/run\/srv\/postgres\nType=ext4\n/,
  );
  expect(sandbox.calls()).toContain('systemctl enable --quiet srv-postgres.mount');
});

testInSandbox('a blank disk that may not be formatted is an error that names the setting', () => {
  const sandbox = machine({ probe: 2 });
  const result = disks(sandbox, 'never');
  expect(result.stderr).toContain("'/run/disk' has no file system: set 'format: if-blank' in cluster.yaml");
  expect(formatted(sandbox)).toEqual([]);
});

const traces =
  "'/run/disk' is not blank, so it is not formatted: it has partitions, or traces of them; use another disk";

testInSandbox.each<[string, Disk, string | undefined]>([
  ['a file system', { probe: 0, type: 'xfs' }, undefined],
  ['a partition table', { probe: 0, partitions: 2 }, traces],
  ['partitions that blkid misses', { probe: 2, partitions: 1 }, traces],
  ['contradictory signatures', { probe: 8 }, traces],
  ['a signature that only wipefs knows', { probe: 2, wipefs: '0x1fe dos' }, traces],
  ['a volume of LVM', { probe: 0, type: 'LVM2_member' }, "holds 'LVM2_member', which cannot be mounted"],
  ['an encrypted volume', { probe: 0, type: 'crypto_LUKS' }, "holds 'crypto_LUKS'"],
])('a disk with %s is never formatted', (_, disk, message) => {
  const sandbox = machine(disk);
  const result = disks(sandbox);
  expect(formatted(sandbox)).toEqual([]);
  expect(result.status).toBe(message ? 1 : 0);
  if (message) expect(result.stderr).toContain(message);
  else expect(result.stderr).toBe('');
});

/** What libblkid knows no signature of. */
const text = Buffer.from('one line of a text\n');
testInSandbox.each<[string, Required<Disk>['content'], number]>([
  ['random data, as of an encrypted disk', [[0, randomBytes(mib)]], 0],
  ['an archive', [[0, gzipSync(text)]], 0],
  ['a database of SQLite', [[0, Buffer.from('SQLite format 3\0')]], 0],
  ['an image of a virtual disk', [[0, Buffer.from('QFI\xfb', 'latin1')]], 0],
  ['erased cells that read as ones', [[0, Buffer.alloc(4 * mib, 0xff)]], 0],
  ['a byte at the end of its begin', [[4 * mib - 1, Buffer.from('x')]], 0],
  ['a byte at its end', [[1024 * mib - 1, Buffer.from('x')]], 1020 * mib],
  ['a superblock of Btrfs behind a wiped begin', [[64 * mib + 64, Buffer.from('_BHRfS_M')]], 64 * mib],
  ['data in the middle', [[500 * mib, randomBytes(16 * mib)]], 504 * mib],
])('a disk with %s is not blank, and the place is told', (_, content, place) => {
  const sandbox = machine({ probe: 2, content });
  const { status, stderr } = disks(sandbox);
  expect(formatted(sandbox)).toEqual([]);
  expect(status).toBe(1);
  expect(stderr).toBe(
    `error: storage1: '/run/disk' is not blank, so it is not formatted: at byte ${place} there is data of no known kind, as of an encrypted disk, an archive or a damaged file system; use another disk, or make its file system yourself if nothing on it is needed ('wipefs --all /run/disk && mkfs.ext4 -m 0 /run/disk' destroys it)\n`,
  );
});

const testWithExt4 = answers('mkfs.ext4', '-V')
  ? testInSandbox
  : testWhen(false, 'a damaged ext4 is not tried: mkfs.ext4 is missing (apt-get install e2fsprogs)');

testWithExt4.each(['4096', '1024'])(
  'an ext4 with blocks of %s bytes and nothing on it, whose begin has been wiped, is not blank',
  (block) => {
    const sandbox = machine({ probe: 2 });
    const file = sandbox.path(device);
    execFileSync('mkfs.ext4', ['-q', '-F', '-b', block, file]);
    fill(file, 1024 * mib, [[0, Buffer.alloc(16 * mib)]]);
    expect(disks(sandbox).stderr).toContain('is not blank');
    expect(formatted(sandbox)).toEqual([]);
  },
);

testInSandbox.each([512, 100_000, 4 * mib, 5 * mib])('a blank disk of %i bytes is formatted', (size) => {
  const sandbox = machine({ probe: 2, size });
  expect(disks(sandbox)).toMatchObject({ status: 0, stderr: '' });
  expect(formatted(sandbox)).toHaveLength(1);
});

testInSandbox('a large disk is looked at in few places', () => {
  const sandbox = machine({ probe: 2, size: 16 * 1024 ** 4 });
  sandbox.stub('cmp', 'exec /usr/bin/cmp "$@"');
  expect(disks(sandbox)).toMatchObject({ status: 0, stderr: '' });
  const read = sandbox.calls().flatMap((call) => /^cmp .*--bytes=(\d+)/.exec(call)?.[1] ?? []);
  expect(read.length).toBeLessThan(160);
  expect(read.reduce((sum, bytes) => sum + Number(bytes), 0)).toBeLessThan(16 * mib);
});

testInSandbox('a disk that cannot be read is not blank', () => {
  const sandbox = machine({ probe: 2 });
  sandbox.stub('cmp', '[[ $* != *--bytes* ]] || { echo "cmp: Input/output error" >&2; exit 2; }');
  const { status, stderr } = disks(sandbox);
  expect({ status, formatted: formatted(sandbox) }).toEqual({ status: 1, formatted: [] });
  expect(stderr).toContain("Input/output error\nerror: storage1: '/run/disk' cannot be read at byte 0");
});

testInSandbox('a reader without a card is not a blank disk', () => {
  const sandbox = machine({ probe: 2, size: 0 });
  const { status, stderr } = disks(sandbox);
  expect({ status, formatted: formatted(sandbox) }).toEqual({ status: 1, formatted: [] });
  expect(stderr).toContain("'/run/disk' has no size");
});

testInSandbox('no disk is formatted as long as another one cannot be used', () => {
  const sandbox = machine({ probe: 2 });
  sandbox.write('run/other', 'x');
  const { status, stderr } = sandbox.run('disks.sh', {
    disks: `${device} /run/srv/postgres ext4 if-blank\n/run/other /run/srv/nfs ext4 if-blank\n`,
    'step.env': `HOST='storage1'\nEXT4_PACKAGE=e2fsprogs\nXFS_PACKAGE=xfsprogs\n`,
  });
  expect({ status, formatted: formatted(sandbox) }).toEqual({ status: 1, formatted: [] });
  expect(stderr).toContain("'/run/other' is not blank");
});

testInSandbox('a mount point with files on the system disk is an error', () => {
  const sandbox = machine({ probe: 0, type: 'ext4' });
  sandbox.write('run/srv/postgres/data', '');
  expect(disks(sandbox).stderr).toContain(
    "'/run/srv/postgres' has files on the system's disk which mounting '/run/disk' would hide",
  );
});

testInSandbox('another disk at the mount point is an error', () => {
  const sandbox = machine({ probe: 0, type: 'ext4' });
  sandbox.stub('findmnt', 'echo /dev/sdz1');
  expect(disks(sandbox).stderr).toContain(
    "'/dev/sdz1' is mounted at '/run/srv/postgres' where '/run/disk' belongs",
  );
});

testInSandbox('a disk that is not there is an error, with those that are', () => {
  const sandbox = machine({ probe: 2 });
  sandbox.stub('lsblk', '[[ $* != *GONE* ]] && echo "sda 1T Samsung"');
  const { status, stderr } = disks(sandbox, 'if-blank', '/dev/disk/by-id/ata-GONE');
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /sda 1T Samsung[\s\S]*error: storage1: disk '\/dev\/disk\/by-id\/ata-GONE' was not found/,
  );
});
