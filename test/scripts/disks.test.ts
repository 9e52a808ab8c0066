import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();

const device = '/dev/loop0';

interface Disk {
  /** Exit code of `blkid --probe`: 0 found, 2 nothing, 8 contradictory. */
  readonly probe: number;
  readonly type?: string;
  readonly wipefs?: string;
  readonly partitions?: number;
}

/** A machine whose disk is as described, until it is formatted. */
function machine({ probe, type = '', wipefs = '', partitions = 0 }: Disk): ScriptSandbox {
  const sandbox = new ScriptSandbox(scratch());
  const formatted = '[[ -e ${0%/*}/formatted ]]';
  sandbox.stub(
    'blkid',
    `${formatted} && t=ext4 || t='${type}'
     case $* in *TYPE*) echo "$t" ;; *UUID*) echo 12-34 ;; *) ${formatted} || exit ${probe} ;; esac`,
  );
  sandbox.stub('wipefs', `printf '%s' '${wipefs}'`);
  sandbox.stub('lsblk', `for ((i = 0; i <= ${partitions}; i++)); do echo x; done`);
  sandbox.stub('mkfs.ext4', 'touch ${0%/*}/formatted');
  for (const name of ['dpkg-query', 'apt-get', 'udevadm', 'systemctl', 'findmnt'])
    sandbox.stub(name, name === 'dpkg-query' ? 'printf installed' : name === 'findmnt' ? 'exit 1' : '');
  sandbox.stub('systemd-escape', 'echo srv-postgres.mount');
  return sandbox;
}

function disks(sandbox: ScriptSandbox, format = 'if-blank', path = device) {
  return sandbox.run('disks.sh', {
    disks: `${path} /run/srv/postgres ext4 ${format}\n`,
    // A disk that is missing is given no time to appear.
    'step.env': `HOST='storage1'\nwait_until() { shift; "$@"; }\n`,
  });
}

const formatted = (sandbox: ScriptSandbox) => sandbox.calls().filter((call) => call.startsWith('mkfs'));

testInSandbox('a blank disk is formatted and mounted by its UUID at every boot', () => {
  const sandbox = machine({ probe: 2 });
  expect(disks(sandbox)).toMatchObject({ status: 0, stderr: '' });
  expect(formatted(sandbox)).toEqual(['mkfs.ext4 -q -m 0 /dev/loop0']);
  expect(sandbox.read('etc/systemd/system/srv-postgres.mount')).toMatch(
    /What=\/dev\/disk\/by-uuid\/12-34\nWhere=\/run\/srv\/postgres\nType=ext4\n/,
  );
  expect(sandbox.calls()).toContain('systemctl enable --quiet srv-postgres.mount');
});

testInSandbox('a blank disk that may not be formatted is an error that names the setting', () => {
  const sandbox = machine({ probe: 2 });
  const result = disks(sandbox, 'never');
  expect(result.stderr).toContain("'/dev/loop0' has no file system: set 'format: if-blank' in cluster.yaml");
  expect(formatted(sandbox)).toEqual([]);
});

testInSandbox.each<[string, Disk, RegExp | undefined]>([
  ['a file system', { probe: 0, type: 'xfs' }, undefined],
  ['a partition table', { probe: 0, partitions: 2 }, /has no file system/],
  ['partitions that blkid misses', { probe: 2, partitions: 1 }, /has no file system/],
  ['contradictory signatures', { probe: 8 }, /has no file system/],
  ['a signature that only wipefs knows', { probe: 2, wipefs: '0x1fe dos' }, /has no file system/],
  ['a volume of LVM', { probe: 0, type: 'LVM2_member' }, /holds 'LVM2_member', which cannot be mounted/],
  ['an encrypted volume', { probe: 0, type: 'crypto_LUKS' }, /holds 'crypto_LUKS'/],
])('a disk with %s is never formatted', (_, disk, message) => {
  const sandbox = machine(disk);
  const result = disks(sandbox);
  expect(formatted(sandbox)).toEqual([]);
  expect(result.status).toBe(message ? 1 : 0);
  expect(result.stderr).toMatch(message ?? /^$/);
});

testInSandbox('a mount point with files on the system disk is an error', () => {
  const sandbox = machine({ probe: 0, type: 'ext4' });
  sandbox.write('run/srv/postgres/data', '');
  expect(disks(sandbox).stderr).toContain(
    "'/run/srv/postgres' has files on the system's disk which mounting '/dev/loop0' would hide",
  );
});

testInSandbox('another disk at the mount point is an error', () => {
  const sandbox = machine({ probe: 0, type: 'ext4' });
  sandbox.stub('findmnt', 'echo /dev/sdz1');
  expect(disks(sandbox).stderr).toContain(
    "'/dev/sdz1' is mounted at '/run/srv/postgres' where '/dev/loop0' belongs",
  );
});

testInSandbox('a disk that is not there is an error, with those that are', () => {
  const sandbox = machine({ probe: 2 });
  sandbox.stub('lsblk', '[[ $* != *GONE* ]] && echo "sda 1T Samsung"');
  const { status, stderr } = disks(sandbox, 'if-blank', '/dev/disk/by-id/ata-GONE');
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /sda 1T Samsung[\s\S]*error: storage1: disk '\/dev\/disk\/by-id\/ata-GONE' is not there/,
  );
});
