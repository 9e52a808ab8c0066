import { readK3sYaml } from '../../src/kubeconfig/k3s-yaml';
import { type Administrator, base64, k3sYaml, newAdministrator } from '../support/k3s-yaml';
import { processorTime } from '../support/processor-time';

let admin: Administrator;
let other: Administrator;
beforeAll(async () => {
  [admin, other] = await Promise.all([newAdministrator(), newAdministrator()]);
});

const read = (text: string) => readK3sYaml(text, 'lab', 'https://10.0.0.5:6443');

test('what k3s writes becomes an access with the name and the address of the cluster', () => {
  expect(read(k3sYaml(admin))).toEqual({
    name: 'lab',
    server: 'https://10.0.0.5:6443',
    authority: base64(admin.authority),
    user: { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) },
  });
});

test('two authorities, and a certificate with its chain, are as good', () => {
  const authority = base64(`${admin.authority}\n${other.authority}\n`);
  const chain = base64(`${admin.certificate}\n${admin.authority}`);
  const text = k3sYaml(admin, {
    cluster: { 'certificate-authority-data': authority },
    user: { 'client-certificate-data': chain },
  });
  expect(read(text)).toMatchObject({ authority, user: { 'client-certificate-data': chain } });
});

// Each runs something on the operator's machine, or sends something elsewhere.
test.each([
  ['exec', { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', 'id'] }],
  ['auth-provider', { name: 'oidc' }],
  ['token', 'abc'],
  ['tokenFile', '/home/me/.ssh/id_ed25519'],
  ['username', 'admin'],
  ['password', 'secret'],
  ['client-certificate', '/home/me/cert.pem'],
  ['client-key', '/home/me/.ssh/id_ed25519'],
  ['as', 'system:admin'],
  ['as-groups', ['system:masters']],
  ['extensions', []],
  ['constructor', 'x'],
])('a user with %s is refused by name', (key, value) => {
  expect(() => read(k3sYaml(admin, { user: { [key]: value } }))).toThrow(
    `has '${key}' in its user, which k3s does not write`,
  );
});

test.each([
  ['proxy-url', 'http://evil.example.net'],
  ['insecure-skip-tls-verify', true],
  ['tls-server-name', 'evil.example.net'],
  ['certificate-authority', '/etc/passwd'],
])('a cluster with %s is refused by name', (key, value) => {
  expect(() => read(k3sYaml(admin, { cluster: { [key]: value } }))).toThrow(
    `has '${key}' in its cluster, which k3s does not write`,
  );
});

test('invalid or mismatched certificates and keys are rejected', () => {
  const withUser = (user: object) => () => read(k3sYaml(admin, { user }));
  const withAuthority = (text: string) => () =>
    read(k3sYaml(admin, { cluster: { 'certificate-authority-data': text } }));
  expect(withUser({ 'client-key-data': base64(other.key) })).toThrow('does not belong to its');
  expect(withUser({ 'client-key-data': base64(`${admin.key}${admin.key}`) })).toThrow('not a private key');
  expect(
    withUser({ 'client-key-data': base64('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----') }),
  ).toThrow('not a private key in PEM');
  expect(withUser({ 'client-key-data': 'not base64!' })).toThrow("has no 'client-key-data' in base64");
  expect(withUser({ 'client-key-data': { a: 1 } })).toThrow("has no 'client-key-data' in base64");
  expect(withUser({ 'client-certificate-data': base64(`words ${admin.certificate}`) })).toThrow(
    'not certificates',
  );
  expect(withUser({ 'client-certificate-data': base64(admin.key) })).toThrow('not certificates in PEM');
  expect(withAuthority(base64('hello'))).toThrow(
    "'certificate-authority-data' that is not certificates in PEM",
  );
  expect(withAuthority(base64(admin.authority.repeat(21)))).toThrow('not certificates in PEM');
  expect(withAuthority('')).toThrow('in base64');
});

test.each([
  ['nothing', '', 'is not a kubeconfig'],
  [
    'half a file',
    'clusters:\n- cluster:\n    certificate-authority-data: [',
    'is not a kubeconfig, or is incomplete',
  ],
  ['a list', '- a', 'is not a kubeconfig'],
  ['no items', 'clusters: [null]\nusers: [null]', 'does not have one cluster'],
  ['a map for a list', 'clusters: {}', 'does not have one cluster'],
  ['aliases', 'clusters: &a [1]\nusers: *a', 'is not a kubeconfig'],
  ['levels without end', `clusters: ${'['.repeat(30_000)}`, 'is not a kubeconfig'],
  ['more than k3s writes', `# ${'x'.repeat(70_000)}`, 'is longer than 64 KiB'],
])('%s is refused, and soon', (_, text, message) => {
  expect(processorTime(() => expect(() => read(text)).toThrow(message))).toBeLessThan(5000);
});

test('two users are one too many', () => {
  const text = k3sYaml(admin).replace('users:\n', 'users:\n  - { name: other, user: {} }\n');
  expect(() => read(text)).toThrow('does not have one user');
});
