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
