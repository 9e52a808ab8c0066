import { Lab } from '../lab';
import { leftovers } from '../leftovers';
import { connects } from '../support/connects';
import { report } from '../support/report';
import { accelerator } from '../vm/accelerator';

const name = `test-vm-${process.pid}`;
const device = '/dev/disk/by-id/ata-SSD1';
let lab: Lab;

beforeAll(async () => {
  const began = performance.now();
  lab = await Lab.up({
    name,
    kind: 'vm',
    hosts: [{ name: 'node1', addresses: ['10.78.0.11/24', 'fd78::11/64'], disks: [{ device, size: 64 }] }],
  });
  report(`${accelerator()}: SSH answers after ${((performance.now() - began) / 1000).toFixed(1)} s`);
});

afterAll(async () => {
  await lab?.down();
  expect(leftovers(name)).toEqual([]);
});

const bootId = async () => (await lab.host('node1').exec('cat /proc/sys/kernel/random/boot_id')).stdout;

test('a virtual machine is a bare host as described in cluster.yaml, with its own kernel', async () => {
  const { stdout } = await lab.ssh(
    'node1',
    `hostname; sudo -n id -un; cat /proc/sys/kernel/osrelease; blockdev() { sudo -n /usr/sbin/blockdev "$@"; }
     blockdev --getsize64 ${device}; ip -o address show scope global | awk '{ print $4 }' | sort`,
  );
  expect(stdout.split('\n')).toEqual([
    'node1',
    'root',
    expect.stringMatching(/cloud-amd64$/),
    String(64 * 1024 * 1024),
    '10.78.0.11/24',
    'fd78::11/64',
    '',
  ]);
});

test('it has what a kubelet and an NFS server need of a kernel', async () => {
  const { stdout } = await lab.host('node1').exec(
    `for module in nfsd nfs overlay br_netfilter vxlan ip_tables nf_tables xt_MASQUERADE; do
       modprobe "$module" || echo "no $module"
     done
     cat /sys/fs/cgroup/cgroup.controllers`,
  );
  expect(stdout).toMatch(/^cpuset cpu io memory hugetlb pids\b/);
});

test('packages install from the repository inside', async () => {
  await lab.ssh('node1', 'sudo apt-get -qq update && sudo apt-get -qq -y install jq');
  expect((await lab.ssh('node1', 'jq -n 1')).stdout).toBe('1\n');
});

test('exec passes arguments, input and status, and is no connection', async () => {
  const host = lab.host('node1');
  const before = await host.sshConnections();
  const { status, stdout, stderr } = await host.exec('echo "$1"; cat; id -un >&2; exit 3', {
    args: ['a "b" $c'],
    input: 'line\n',
    allowFailure: true,
  });
  expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: 'a "b" $c\nline\n', stderr: 'root\n' });
  expect(await host.sshConnections()).toBe(before);
  await lab.ssh('node1', 'true');
  expect(await host.sshConnections()).toBe(before + 1);
});

test('power loss takes what was not flushed; the rest is there after the next boot', async () => {
  const host = lab.host('node1');
  const before = await bootId();
  await host.exec('echo kept >/root/kept; sync; echo lost >/root/lost');
  await host.powerOff();
  expect(host.isRunning()).toBe(false);
  expect(await connects(lab, host.address, 22)).toBe(false);
  await host.boot();
  expect((await host.exec('ls /root; cat /root/kept')).stdout).toBe('kept\nkept\n');
  expect(await bootId()).not.toBe(before);
});

test('an orderly reboot comes back by itself', async () => {
  const before = await bootId();
  const began = performance.now();
  await lab.host('node1').reboot();
  report(`reboot: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  expect(await bootId()).not.toBe(before);
  await lab.ssh('node1', 'true');
});

test('tear-down leaves nothing on the machine', async () => {
  expect(leftovers(name)).toEqual(expect.arrayContaining([expect.stringMatching(/^process .*qemu/)]));
  await lab.down();
  expect(leftovers(name)).toEqual([]);
});
