import { Lab } from './lab';
import { leftovers } from './leftovers';

const name = `test-options-${process.pid}`;
const ssd = '/dev/disk/by-id/ata-SSD1';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.up({
    name,
    hosts: [
      { name: 'disks', addresses: ['10.78.0.11/24'], disks: [{ device: ssd, size: 512 }], storage: 512 },
      { name: 'password', addresses: ['10.78.0.12/24'], user: 'admin', sudo: 'password', port: 2222 },
      { name: 'foreign', addresses: ['10.78.0.13/24'], user: 'root', personality: 'x86' },
      { name: 'nosudo', addresses: ['10.78.0.14/24'], sudo: 'none' },
    ],
  });
});

afterAll(async () => {
  await lab?.down();
  expect(leftovers(name)).toEqual([]);
});

test('a disk is blank, has its stable name, and is mounted by UUID after a reboot', async () => {
  const host = lab.host('disks');
  const blank = await host.exec(`blkid -p ${ssd}`, { allowFailure: true });
  expect({
    status: blank.status,
    size: (await host.exec(`blockdev --getsize64 ${ssd}`)).stdout.trim(),
  }).toEqual({
    status: 2,
    size: String(512 * 1024 * 1024),
  });
  await host.exec(`
    mkfs.ext4 -q ${ssd} && mkdir -p /srv/postgres
    echo "UUID=$(blkid -o value -s UUID ${ssd}) /srv/postgres ext4 defaults 0 2" >>/etc/fstab
    systemctl daemon-reload && systemctl start srv-postgres.mount && echo data >/srv/postgres/file`);
  await host.reboot();
  const { stdout } = await host.exec('findmnt -no FSTYPE /srv/postgres; cat /srv/postgres/file');
  expect(stdout).toBe('ext4\ndata\n');
});

test('data on a disk survives power loss', async () => {
  const host = lab.host('disks');
  await host.exec('echo more >/srv/postgres/more && sync');
  await host.powerOff();
  await host.boot();
  expect((await host.exec('cat /srv/postgres/more')).stdout).toBe('more\n');
});

test('a host of limited storage gets full, everywhere but on its disks', async () => {
  const host = lab.host('disks');
  const full = await host.exec('fallocate -l 600M /home/fill || dd if=/dev/zero of=/home/fill bs=1M', {
    allowFailure: true,
  });
  expect(full.stderr).toContain('No space left on device');
  const elsewhere = await host.exec('dd if=/dev/zero of=/var/lib/x bs=1M count=8', { allowFailure: true });
  expect(elsewhere.stderr).toContain('No space left on device');
  await host.exec('echo x >/srv/postgres/x && rm /home/fill && echo x >/var/lib/x');
});

test('sudo may require a password, at another port and for another user', async () => {
  const silent = await lab.ssh('password', 'sudo -n true', { allowFailure: true });
  expect(silent.stderr).toContain('a password is required');
  expect((await lab.ssh('password', 'sudo -S -p "" id -un', { input: 'lab\n' })).stdout).toBe('root\n');
});

test('sudo may be denied', async () => {
  const refused = await lab.ssh('nosudo', 'sudo -n true', { allowFailure: true });
  expect(refused.status).not.toBe(0);
});

test('a host may take itself for another architecture', async () => {
  expect((await lab.ssh('foreign', 'uname -m; id -un')).stdout).toBe('i686\nroot\n');
});
