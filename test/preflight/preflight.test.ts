import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blankDiskText } from '../../src/preflight/blank-disk';
import { readChecks } from '../../src/preflight/host-checks';
import { betweenHosts } from '../../src/preflight/preflight';
import { hasPassphrase } from '../../src/preflight/private-key';
import { topologyWith } from '../support/hosts-topology';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const topology = topologyWith();
const askedAt = { from: 1000, to: 1002 };

/** What a host that is well says, with other lines for those of the same kind. */
function said(name: string, ...changes: string[]): string {
  const lines = [
    'time\t1001.5',
    `machine-id\t${name}`,
    `name\t${name}`,
    'system\tDebian GNU/Linux 13 (trixie)\tdebian\t\t13',
    ...(name.startsWith('server') ? ['virtual-ip\tfree'] : []),
    'end',
  ];
  const kinds = new Set(changes.map((line) => line.split('\t')[0]));
  return [...lines.filter((line) => !kinds.has(line.split('\t')[0])), ...changes].join('\n');
}

const checked = (name: string, ...changes: string[]) => {
  const host = topology.hosts.find((other) => other.name === name);
  if (!host) throw new Error(`no host ${name}`);
  return readChecks(host, said(name, ...changes), askedAt);
};

const messages = (...changes: string[]) =>
  checked('server1', ...changes).problems.map(({ severity, message }) => `${severity}: ${message}`);

test('a host that is well has no problem', () => {
  expect(messages()).toEqual([]);
  expect(checked('server1')).toMatchObject({ checked: true, machineId: 'server1', virtualIp: 'free' });
});

test('what the checks of the steps say is reported as they say it', () => {
  expect(
    messages('problem\terror\tport 6443 is in use by nginx', 'problem\twarning\tthe machine calls itself pi'),
  ).toEqual(['error: port 6443 is in use by nginx', 'warning: the machine calls itself pi']);
});

test('a clock is judged by when the host was asked', () => {
  expect(messages('time\t1030')).toEqual([]);
  expect(messages('time\t1033')).toEqual([expect.stringMatching(/^error: the clock is 31 seconds ahead of/)]);
  expect(messages('time\t900')).toEqual([expect.stringMatching(/^error: the clock is 100 seconds behind/)]);
});

test.each([
  ['Raspberry Pi OS', 'Debian GNU/Linux 13 (trixie)\tdebian\t\t13', false],
  ['Ubuntu', 'Ubuntu 24.04.3 LTS\tubuntu\tdebian\t24.04', false],
  ['Oracle Linux', 'Oracle Linux Server 9.6\tol\tfedora\t9.6', false],
  ['Rocky Linux', 'Rocky Linux 10.0\trocky\trhel centos fedora\t10.0', false],
  ['a derivative with versions of its own', 'Armbian 25.8\tarmbian\tdebian\t1', false],
  ['old Debian', 'Debian GNU/Linux 12 (bookworm)\tdebian\t\t12', true],
  ['old Ubuntu', 'Ubuntu 22.04.5 LTS\tubuntu\tdebian\t22.04', true],
  ['Alpine', 'Alpine Linux v3.22\talpine\t\t3.22.1', true],
])('%s is a supported system, or a warning', (_, system, warned) => {
  expect(messages(`system\t${system}`)).toEqual(
    warned ? [expect.stringMatching(/^warning: '.*' is not a supported system/)] : [],
  );
});

test('disks that may be formatted are known in words', () => {
  const { blankDisks } = checked('server1', 'blank-disk\t/dev/x\t/srv\text4\tA B\t\t1T');
  expect(blankDisks.map(blankDiskText)).toEqual([
    'server1: /dev/x (A B, no serial, 1T) is blank: it is formatted with ext4 and mounted at /srv',
  ]);
});

test('interrupted checks are an error', () => {
  const [host] = topology.hosts;
  if (!host) throw new Error('no host');
  expect(readChecks(host, 'time\t1001\n', askedAt).problems).toMatchObject([
    { severity: 'error', message: expect.stringMatching(/checks did not finish/) },
  ]);
});

const together = (...hosts: ReturnType<typeof checked>[]) =>
  [...betweenHosts(topology, hosts)].map(({ message }) => message);

test('copies of one disk image are reported', () => {
  const id = 'machine-id\tcafe';
  expect(together(checked('agent1', id), checked('agent2', id), checked('agent3'))).toEqual([
    expect.stringMatching(/^agent1, agent2 have the same machine id, .*systemd-machine-id-setup/),
  ]);
  expect(together(checked('agent1', 'name\tpi'), checked('agent2', 'name\tpi'))).toEqual([
    expect.stringMatching(/^agent1, agent2 have the same name 'pi'/),
  ]);
});

describe('the virtual IP', () => {
  const taken = 'virtual-ip\ttaken\t02:00:00:00:00:99';
  const [one, two] = [checked('server1'), checked('server2')];

  test('that another machine has is reported, with its hardware address', () => {
    expect(together(one, two, checked('server3', taken))).toEqual([
      "the virtual IP 192.168.10.5 is in use by another machine (02:00:00:00:00:99): set 'api.address' to an unused address",
    ]);
  });

  test('that one of the servers has is ours', () => {
    expect(together(checked('server1', taken), two, checked('server3', 'virtual-ip\there'))).toEqual([]);
  });

  test('may be that of a server that cannot be asked', () => {
    const { virtualIp: _, ...silent } = checked('server3');
    expect(together(checked('server1', taken), two, silent)).toEqual([]);
  });
});

test('a private key with a passphrase is known by its file', () => {
  const folder = scratch();
  const key = (name: string, ...options: string[]) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-f', join(folder, name), ...options]);
    return readFileSync(join(folder, name), 'utf8');
  };
  expect(hasPassphrase(key('open', '-N', ''))).toBe(false);
  expect(hasPassphrase(key('locked', '-N', 'secret'))).toBe(true);
  expect(hasPassphrase('-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n')).toBe(true);
});
