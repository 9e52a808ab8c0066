// Compares the manifests of a release of MetalLB with what this tool makes: `npm run compare:metallb -- MANIFESTS`, where
// MANIFESTS are files `metallb-native.yaml`, `metallb-frr.yaml` or `metallb-frr-k8s.yaml` of the release, or their folder.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chartVersions } from '../src/config/pinned-releases';
import { backendOf, compare, frrK8sOf, lineOf, type Manifest, manifestsOf } from './metallb/compare';

const root = join(__dirname, '..');

/** Those with a scraper's objects in them are for Prometheus' operator. */
const ofRelease = /^metallb-(native|frr|frr-k8s)\.yaml$/;

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => ofRelease.test(name))
    .map((name) => join(path, name));
}

/** What this tool makes of MetalLB with a backend, its CRDs included. */
function ownManifests(backend: string): Manifest[] {
  const scratch = mkdtempSync(join(tmpdir(), 'compare-metallb-'));
  try {
    writeFileSync(join(scratch, 'cluster.yaml'), clusterWith(backend));
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/k3s-cdk.js'), 'synth'], {
      cwd: scratch,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    const crds = join(root, 'src/cluster/metallb/crds');
    const dist = join(scratch, 'dist');
    const own = readdirSync(dist).filter((name) => /namespaces|-metallb\.k8s/.test(name));
    const paths = [
      ...own.map((name) => join(dist, name)),
      ...readdirSync(crds).map((name) => join(crds, name)),
    ];
    return paths.flatMap((path) => manifestsOf(readFileSync(path, 'utf8')));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function clusterWith(backend: string): string {
  return `
name: compared
ssh: { user: pi }
hosts: [{ name: server1, address: 192.168.10.11, roles: [server, database] }]
k3s: { version: v1.36.5+k3s1 }
metallb:
  mode: bgp
  pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }]
  bgp: { asn: 64512, backend: ${backend}, peers: [{ name: router, address: 192.168.10.1, asn: 64513 }] }
`;
}

const files = process.argv
  .slice(2)
  .map((path) => resolve(path))
  .flatMap(filesOf);
if (files.length === 0) {
  console.error(
    'usage: npm run compare:metallb -- MANIFESTS\nMANIFESTS: config/manifests of a release of MetalLB, or files of it',
  );
  process.exit(2);
}

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const backend = backendOf(text);
  const { unknown: others, known } = compare(manifestsOf(text), ownManifests(backend));
  const [frrK8s, here] = [frrK8sOf(text), chartVersions['frr-k8s']];
  const chart =
    frrK8s === undefined || frrK8s === here
      ? []
      : [{ object: 'HelmChart/frr-k8s', path: '/spec/version', release: frrK8s, here }];
  const unknown = [...others, ...chart];
  const inTable = [...known.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${file}, backend ${backend}: ${inTable} differences that docs/reference/metallb.md explains, ${unknown.length} others`,
  );
  for (const difference of unknown) console.log(`  ${lineOf(difference)}`);
  if (unknown.length > 0) process.exitCode = 1;
}
