import { Lab } from './lab';
import type { LabConfig } from './lab-config';
import { leftovers } from './leftovers';
import { connects } from './support/connects';
import { waitFor } from './wait';

const config: LabConfig = {
  name: `test-${process.pid}`,
  hosts: [1, 2, 3].map((n) => ({ name: `node${n}`, addresses: [`10.77.0.1${n}/24`, `fd77::1${n}/64`] })),
  names: { 'api.lab': '10.77.0.5' },
};

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.up(config);
});

afterAll(async () => {
  await lab?.down();
});

test('every host lets its user in over SSH with a verified host key and sudo without a password', async () => {
  for (const { name } of lab.hosts) {
    const { stdout } = await lab.ssh(
      name,
      'hostname; id -un; sudo -n id -un; systemctl is-system-running --wait',
    );
    expect(stdout).toBe(`${name}\npi\nroot\nrunning\n`);
  }
});

test('hosts are different machines', async () => {
  const identity =
    'cat /etc/machine-id; cut -d" " -f2 /etc/ssh/ssh_host_ed25519_key.pub; cat /proc/sys/kernel/random/boot_id';
  const outputs = await Promise.all(lab.hosts.map((host) => host.exec(identity)));
  const lines = outputs.flatMap(({ stdout }) => stdout.trim().split('\n'));
  expect(new Set(lines).size).toBe(9);
});

test('hosts and operator reach each other by name, over IPv4 and IPv6', async () => {
  await lab.ssh('node1', 'ping -c 1 -W 2 node2 && ping -6 -c 1 -W 2 node3 && getent hosts api.lab');
  const { stdout } = await lab.run('getent', ['ahostsv4', 'node3']);
  expect(stdout).toContain('10.77.0.13');
});

test('hosts have no way out, and learn so at once', async () => {
  const began = performance.now();
  const { status, stdout } = await lab.ssh('node1', 'ping -c 1 -W 5 192.0.2.1 || exit 7', {
    allowFailure: true,
  });
  expect({ status, unreachable: stdout.includes('Unreachable') }).toEqual({ status: 7, unreachable: true });
  expect(performance.now() - began).toBeLessThan(4000);
});

test('packages install from the repository inside, and from nowhere else', async () => {
  await lab.ssh('node1', 'sudo apt-get -qq update && sudo apt-get -qq -y install haproxy jq');
  await lab.ssh('node1', '/usr/sbin/haproxy -v && systemctl is-active haproxy');
  const { stdout } = await lab.ssh('node1', 'apt-get install --print-uris -y -qq keepalived');
  expect(
    stdout
      .trim()
      .split('\n')
      .every((line) => line.startsWith("'file:/srv/apt/")),
  ).toBe(true);
});

test('sshd counts its connections, without a connection', async () => {
  const host = lab.host('node2');
  const before = await host.sshConnections();
  expect(await host.sshConnections()).toBe(before);
  await lab.ssh('node2', 'true');
  await lab.run('ssh-keyscan', ['-t', 'ed25519', host.address]);
  expect(await host.sshConnections()).toBe(before + 2);
});

test('power loss takes host and network at once; what was written is there after the next boot', async () => {
  const host = lab.host('node3');
  await host.exec('echo kept >/root/kept; ip address add 10.77.0.5/32 dev eth0');
  // Neighbours have to learn of it first.
  await waitFor('the added address answers', () => connects(lab, '10.77.0.5', 22), { timeout: 60_000 });
  const bootId = await host.exec('cat /proc/sys/kernel/random/boot_id');

  await host.powerOff();
  expect(host.isRunning()).toBe(false);
  expect(await connects(lab, '10.77.0.5', 22)).toBe(false);

  await host.boot();
  const { stdout } = await lab.ssh(
    'node3',
    'sudo cat /root/kept; cat /proc/sys/kernel/random/boot_id; ip -br address',
  );
  expect(stdout).toMatch(/^kept\n/);
  expect(stdout).not.toContain(bootId.stdout.trim());
  expect(stdout).not.toContain('10.77.0.5');
});

test('an orderly reboot comes back by itself, with a new boot id', async () => {
  const host = lab.host('node2');
  const before = await host.exec('cat /proc/sys/kernel/random/boot_id');
  await host.reboot();
  expect((await host.exec('cat /proc/sys/kernel/random/boot_id')).stdout).not.toBe(before.stdout);
  await lab.ssh('node2', 'true');
});

test('a second lab of the same name is refused, and the first one lives on', async () => {
  await expect(Lab.up(config)).rejects.toThrow(`a lab named '${config.name}' is up`);
  await lab.ssh('node1', 'true');
});

test('tear-down leaves no process, mount, namespace, device or directory', async () => {
  expect(leftovers(config.name)).toEqual(
    expect.arrayContaining([expect.stringContaining('network namespace')]),
  );
  await lab.down();
  expect(leftovers(config.name)).toEqual([]);
});
