import { pinnedDigests, pinnedImages } from '../../src/config/pinned-images';
import { versions } from '../../src/model/versions';
import { tableUnder } from '../support/markdown';
import { topologyWith } from '../support/topology';

const digest = `sha256:${'a'.repeat(64)}`;

function version(name: string, sections: string, hosts: readonly string[] = []) {
  const found = versions(topologyWith(sections, hosts)).find((each) => each.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return [found.used, found.state, found.fixedBy];
}

test('releases are older, newer or the same by all their numbers, that of k3s included', () => {
  const k3s = (used: string) => version('k3s', `k3s: { version: ${used} }`)[1];
  expect(['v1.36.5+k3s1', 'v1.36.5+k3s2', 'v1.36.10+k3s1', 'v1.35.9+k3s3'].map(k3s)).toEqual([
    'same',
    'newer',
    'newer',
    'older',
  ]);
  const chart = (used: string) =>
    version('chart cert-manager', `addons: { certManager: { version: ${used} } }`)[1];
  expect(['v1.21.2', 'v1.20.12', 'v1.22.0'].map(chart)).toEqual(['same', 'older', 'newer']);
  expect(version('chart headlamp', '')).toEqual([undefined, 'unused', 'release']);
});

test('a tag of Postgres that moves with its releases is floating, that of one release is none, a digest is the most', () => {
  const postgres = (image: string) => version('postgres', `database: { image: '${image}' }`).slice(1);
  expect(postgres('docker.io/library/postgres:17')).toEqual(['same', 'floating']);
  expect(postgres('docker.io/library/postgres:17-alpine3.22')).toEqual(['same', 'floating']);
  expect(postgres('docker.io/library/postgres:17.6')).toEqual(['same', 'tag']);
  expect(postgres('docker.io/library/postgres:16.10')).toEqual(['older', 'tag']);
  expect(postgres(`docker.io/library/postgres:18@${digest}`)).toEqual(['newer', 'digest']);
  expect(postgres('registry.example.net:5000/postgres:17')).toEqual(['other', 'floating']);
});

test('the page about versions lists what is pinned, with what each was tested', () => {
  const rows = tableUnder('docs/reference/versions.md', '## Pins');
  const pins = versions(topologyWith('')).map(({ name, pinned }) => [name, `\`${pinned}\``]);
  expect(rows.map((row) => row.slice(0, 2))).toEqual(pins);
  for (const [name, , newest, tested] of rows) expect([name, newest, tested]).not.toContain('');
});

test('images for several database hosts are listed, and none of them for a single one', () => {
  const several = [
    '{ name: database3, address: 192.168.10.12, roles: [database] }',
    '{ name: database2, address: 192.168.10.13, roles: [database] }',
  ];
  expect(version('etcd', '')[1]).toBe('unused');
  expect(version('etcd', '', several)).toEqual(['quay.io/coreos/etcd:v3.5.33', 'same', 'tag']);
  const image = 'registry.example.net/patroni:17';
  expect(version('patroni', `database: { patroni: { image: '${image}' } }`, several)).toEqual([
    image,
    'other',
    'floating',
  ]);
});

test('an image of the manifests is listed where it is used, with its digest if there is one', () => {
  const pools = 'metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }] }';
  const provisioner = 'sig-storage/nfs-subdir-external-provisioner';
  const nfs = 'nfs: { external: { server: nas.example.net, path: /export } }';
  const tagged = pinnedImages.nfsSubdirProvisioner;
  expect(version(provisioner, nfs)).toEqual([`${tagged}@${pinnedDigests[tagged]}`, 'same', 'digest']);
  expect(version('metallb/speaker', '')[1]).toBe('unused');
  expect(version('metallb/speaker', pools)).toEqual([pinnedImages.metallbSpeaker, 'same', 'tag']);
  expect(version('metallb/speaker', `${pools}\nimages: { mirror: registry.example.net }`)).toEqual([
    'registry.example.net/metallb/speaker:v0.16.2',
    'same',
    'tag',
  ]);
});

test('every digest is of a pinned image, by its whole reference', () => {
  expect(Object.values(pinnedImages)).toEqual(expect.arrayContaining(Object.keys(pinnedDigests)));
  for (const each of Object.values(pinnedDigests)) expect(each).toMatch(/^sha256:[a-f0-9]{64}$/);
});
