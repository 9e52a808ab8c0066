import { parseConfig } from '../../src/config/load';
import { renderIssues } from '../../src/config/render';
import { isSecretName, showsSecret } from '../../src/config/secret-text';

const secret = 'hunter2';

/** Mistakes with a secret in them. Each is reported, whatever rule finds it. */
const mistakes = {
  'a token among the settings of k3s': `k3s: { serverConfig: { vpn-auth: ${secret} } }`,
  "the cluster's own token": `k3s: { serverConfig: { token: ${secret} } }`,
  'a password in a URL': `k3s: { serverConfig: { supervisor-metrics: 'http://u:${secret}@h' } }`,
  'a password of a backend': `terraform: { backend: { http: { address: 'https://h', password: ${secret} } } }`,
  'a connection string': `terraform: { backend: { pg: { conn_str: 'postgres://u:${secret}@h/d' } } }`,
  'words of a connection string': `terraform: { backend: { pg: { conn_str: 'host=h password=${secret}' } } }`,
  "a cloud's key": `terraform: { backend: { s3: { bucket: b, key: k, region: r, secret_key: ${secret} } } }`,
  'an unknown key': `metallb: { password: ${secret} }`,
  'an unknown key in another style': `metallb: { apiToken: "${secret}" }`,
  'a password of SSH': `ssh: { passphrase: ${secret} }`,
  'a user with the password': `database: { external: { address: h.lan, user: 'k3s:${secret}' } }`,
  'a private key': `metallb:\n  anything: "-----BEGIN PRIVATE KEY-----${secret}"`,
  'a file that is no YAML': `metallb: { password: ${secret}`,
};

test.each(Object.entries(mistakes))('what is said of %s does not repeat the secret', (_, sections) => {
  const k3s = sections.startsWith('k3s:') ? '' : 'k3s: { version: v1.36.2+k3s1 }\n';
  const hosts = 'hosts:\n  - { name: server1, address: 192.168.10.11, roles: [server, database] }\n';
  const ssh = sections.startsWith('ssh:') ? '' : 'ssh: { user: pi }\n';
  const text = `name: test\n${ssh}${hosts}${k3s}${sections}\n`;
  const { issues } = parseConfig(text, 'cluster.yaml');
  expect(issues.filter(({ severity }) => severity === 'error')).not.toEqual([]);
  const said = renderIssues(issues, () => text, { color: false });
  expect(said + JSON.stringify(issues)).not.toContain(secret);
});

test('a name of a secret is known in every style, and names of files and the like are not secrets', () => {
  const names = ['password', 'vpn-auth', 'secret_key', 'apiToken', 'PGPASSWORD', 'client_key', 'sas_token'];
  expect(names.filter((name) => !isSecretName(name))).toEqual([]);
  const others = ['token_path', 'secret_suffix', 'key', 'secretName', 'passwordFile', 'name', 'author'];
  expect(others.filter(isSecretName)).toEqual([]);
});

test('a line of a key is a secret, and ordinary lines are shown', () => {
  expect(showsSecret('    MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7')).toBe(true);
  for (const line of ['  - { name: server1, roles: [server] }', 'secrets: # here', 'tokens: 3', '  token:'])
    expect({ line, secret: showsSecret(line) }).toEqual({ line, secret: false });
});
