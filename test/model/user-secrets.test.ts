import { writeFileSync } from 'node:fs';
import { userSecrets } from '../../src/model/user-secrets';
import { ensureSecrets } from '../../src/secrets/ensure';
import { clusterYaml, Project } from '../support/project';
import { topologyWith } from '../support/topology';

test('files of secrets/k3s that registries are trusted by go to every node', () => {
  const ca = '/etc/rancher/k3s/secrets/registry-ca.crt';
  const { hosts } = topologyWith(
    `k3s: { version: v1.36.2+k3s1, registries: { configs: { registry.example.net: { tls: { ca_file: ${ca} } } } } }`,
    ['{ name: nas, address: 192.168.10.40, roles: [nfs] }'],
  );
  expect(hosts.map(({ name, secretFiles }) => [name, secretFiles])).toEqual([
    ['server1', ['registry-ca.crt']],
    ['agent1', ['registry-ca.crt']],
    ['agent2', ['registry-ca.crt']],
    ['nas', []],
  ]);
});

test('the address of the heartbeat goes to servers alone, and that of problems to every host', () => {
  const copies = (sections: string) =>
    userSecrets(topologyWith(sections)).flatMap(({ original, copies, neededBy }) =>
      original.startsWith('secrets/watch-') ? [[original, copies, neededBy.map(({ name }) => name)]] : [],
    );
  expect(copies('watch: {}')).toEqual([
    ['secrets/watch-heartbeat', ['secrets/watch/servers/heartbeat'], ['server1']],
    [
      'secrets/watch-problems',
      ['secrets/watch/servers/problems', 'secrets/watch/others/problems'],
      ['server1', 'agent1', 'agent2'],
    ],
  ]);
  expect(copies('watch: { calls: [heartbeat] }')).toHaveLength(1);
  expect(copies('')).toEqual([]);
});

test.each([
  ['https://ntfy.sh/topic\n', true],
  ['https://hc-ping.com/uuid', true],
  ['http://[fd00::1]:8080/x?y=%20\r\nAuthorization: Bearer tk_"x"\r\nTitle: my home\r\n', true],
  ['ntfy.sh/topic\n', false],
  ['https://ntfy.sh/my topic\n', false],
  ['file:///etc/passwd\n', false],
  ['https://ntfy.sh/topic\noutput = /etc/passwd\n', false],
  ['https://ntfy.sh/topic\n\n', false],
])('%j is an address to call: %s', async (text, valid) => {
  const project = new Project(`${clusterYaml()}watch: { calls: [problems] }\n`);
  await ensureSecrets(project.topology(), { folder: project.folder, now: new Date() });
  writeFileSync(project.path('secrets/watch-problems'), text, { mode: 0o600 });
  const { findings } = await ensureSecrets(project.topology(), { folder: project.folder, now: new Date() });
  expect(findings.map(({ message }) => message)).toEqual(
    valid ? [] : [expect.stringContaining("'secrets/watch-problems' is not an address, such as https://")],
  );
});
