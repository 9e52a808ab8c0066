import { podmanRegistries } from '../../src/roles/database/files/podman-registries';

const image = 'docker.io/library/postgres:17';
const mirrors = (endpoint: string[], rest = {}) => ({
  mirrors: { 'docker.io': { endpoint, ...rest } },
  configs: {},
});

test('podman asks the mirrors of k3s before the registry of the image, also those for every registry', () => {
  const conf = `[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "mirror.lan:5000"
[[registry.mirror]]
location = "cache.lan/proxy"
insecure = true
`;
  const endpoint = ['https://mirror.lan:5000', 'http://cache.lan/v2/proxy/'];
  expect(podmanRegistries(mirrors(endpoint), image)).toEqual({ 'registries.conf': conf });
  const all = { mirrors: { '*': { endpoint } }, configs: {} };
  expect(podmanRegistries(all, image)).toEqual({ 'registries.conf': conf });
});

test('podman trusts the CA that k3s trusts, of a mirror and of the registry of the image', () => {
  const tls = { ca_file: '/etc/ssl/certs/lan.pem' };
  expect(podmanRegistries({ mirrors: {}, configs: { 'docker.io': { tls } } }, image)).toEqual({
    'registry-cas.txt': 'docker.io /etc/ssl/certs/lan.pem\n',
  });
  const configs = { 'mirror.lan:5000': { tls: { ...tls, insecure_skip_verify: true } } };
  expect(podmanRegistries({ ...mirrors(['https://mirror.lan:5000']), configs }, image)).toEqual({
    'registries.conf':
      '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "mirror.lan:5000"\ninsecure = true\n',
    'registry-cas.txt': 'mirror.lan:5000 /etc/ssl/certs/lan.pem\n',
  });
});

test('what podman cannot do, and mirrors of other registries, are left out', () => {
  expect(podmanRegistries(undefined, image)).toEqual({});
  expect(podmanRegistries(mirrors(['https://mirror.lan/other/path']), image)).toEqual({});
  expect(podmanRegistries(mirrors(['https://mirror.lan'], { rewrite: { '^a': 'b' } }), image)).toEqual({});
  expect(podmanRegistries(mirrors(['https://mirror.lan']), 'quay.io/coreos/etcd:v3.6.0')).toEqual({});
});
