import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KnownHosts, knownHostsName } from '../../src/model/known-hosts';
import { processorTime } from '../support/processor-time';
import { testWith } from '../support/programs';

const ecdsa = 'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAA';
const text = `# comment
server1,192.168.10.11 ssh-ed25519 AAAAed
192.168.10.11 ssh-rsa AAAArsa
192.168.10.11 ecdsa-sha2-nistp256 ${ecdsa} comment
[192.168.10.11]:2222 ssh-ed25519 AAAAother
fd00:0:0::11 ssh-ed25519 AAAAsix
*.example.net,!bad.example.net ssh-ed25519 AAAAwild
@cert-authority * ssh-ed25519 AAAAca
@revoked * ssh-ed25519 AAAArevoked
192.168.10.12 ssh-ed25519 AAAArevoked
192.168.10.13 sk-ssh-ed25519@openssh.com AAAAsk
`;

test.each([
  ['of several keys, the one that Terraform compares', '192.168.10.11', 22, `ecdsa-sha2-nistp256 ${ecdsa}`],
  ['a name in a list', 'server1', 22, 'ssh-ed25519 AAAAed'],
  ['names in any case', 'SERVER1', 22, 'ssh-ed25519 AAAAed'],
  ['a port of its own', '192.168.10.11', 2222, 'ssh-ed25519 AAAAother'],
  ['an IPv6 address in any spelling', 'fd00::11', 22, 'ssh-ed25519 AAAAsix'],
  ['a wildcard', 'gw.example.net', 22, 'ssh-ed25519 AAAAwild'],
  ['no name that is negated', 'bad.example.net', 22, undefined],
  ['no certificate authority', '192.168.10.99', 22, undefined],
  ['no key of another port', 'server1', 2222, undefined],
  ['no revoked key', '192.168.10.12', 22, undefined],
  ['no type that Terraform does not know', '192.168.10.13', 22, undefined],
])('finds %s', (_, address, port, key) => {
  expect(new KnownHosts(text).hostKey(address, port)).toBe(key);
});

test('of two keys without ecdsa the rsa one is compared', () => {
  const known = new KnownHosts('10.0.0.1 ssh-ed25519 AAAAed\n10.0.0.1 ssh-rsa AAAArsa\n');
  expect(known.hostKey('10.0.0.1', 22)).toBe('ssh-rsa AAAArsa');
});

test('names servers as OpenSSH does', () => {
  expect(knownHostsName('192.168.10.11', 22)).toBe('192.168.10.11');
  expect(knownHostsName('FD00:0::11', 2222)).toBe('[fd00::11]:2222');
});

testWith('ssh-keygen')('finds names that ssh-keygen has hashed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-test-'));
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    const [type, key] = readFileSync(join(folder, 'key.pub'), 'utf8').split(' ');
    const file = join(folder, 'known_hosts');
    writeFileSync(file, `192.168.10.11 ${type} ${key}\n[fd00::11]:2222 ${type} ${key}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    const hashed = readFileSync(file, 'utf8');
    expect(hashed).not.toContain('192.168');
    const known = new KnownHosts(hashed);
    expect(known.hostKey('192.168.10.11', 22)).toBe(`${type} ${key}`);
    expect(known.hostKey('fd00::11', 2222)).toBe(`${type} ${key}`);
    expect(known.hostKey('192.168.10.12', 22)).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['*', 'gw', true],
  ['g?', 'gw', true],
  ['g?', 'g', false],
  ['*.example.*', 'gw.example.net', true],
  ['*.net*', 'a.net.b.net', true],
  ['a*b*c', 'aXbXbXc', true],
  ['a*b*c', 'aXbXbX', false],
  ['192.168.10.?*', '192.168.10.11', true],
  ['192.168.1+.*', '192.168.11.1', false],
])('the pattern %s fits %s: %s', (pattern, name, fits) => {
  expect(new KnownHosts(`${pattern} ssh-rsa AAAA`).hostKey(name, 22)).toBe(fits ? 'ssh-rsa AAAA' : undefined);
});

test.each([
  ['a pattern of many wildcards', `${'*a'.repeat(60)}b ssh-rsa AAAA\n`],
  ['a pattern that is as long as a file', `${'*a'.repeat(1_000_000)}b ssh-rsa AAAA\n`],
  ['40,000 equal lines', '192.168.10.11 ssh-rsa AAAA\n'.repeat(40_000)],
  [
    '40,000 lines for one name',
    Array.from({ length: 40_000 }, (_, n) => `192.168.10.11 ssh-rsa A${n}\n`).join(''),
  ],
])('%s takes no time', (_, text) => {
  expect(processorTime(() => new KnownHosts(text).hostKey('a'.repeat(200), 22))).toBeLessThan(3000);
});
