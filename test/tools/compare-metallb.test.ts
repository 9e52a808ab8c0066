import { readFileSync } from 'node:fs';
import { synthCluster } from '../../src/cluster/cluster-app';
import { metallbCrds } from '../../src/cluster/metallb/crds';
import {
  backendOf,
  compare,
  frrK8sOf,
  lineOf,
  type Manifest,
  manifestsOf,
} from '../../tools/metallb/compare';
import { knownDifferences } from '../../tools/metallb/known-differences';
import { topologyWith } from '../support/topology';

const topology = topologyWith(
  'metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }] }',
);
const files = [...synthCluster(topology).files].filter(([name]) => name.endsWith('-metallb.k8s.yaml'));
const text = [...files.map(([, each]) => each), metallbCrds].join('---\n');

/** What is found when a release is what this tool makes, but for some words. */
function found(...changes: readonly (readonly [from: string, to: string])[]): string[] {
  const release = changes.reduce((sum, [from, to]) => {
    if (!sum.includes(from)) throw new Error(`the manifests do not have ${from}`);
    return sum.replace(from, to);
  }, text);
  return compare(manifestsOf(release), manifestsOf(text)).unknown.map(lineOf);
}

test('manifests do not differ from themselves', () => {
  expect(found()).toEqual([]);
});

test('what differs in a release is one line each, with both values', () => {
  expect(
    found(
      ['controller:v', 'controller:v9.'],
      ['--log-level=info', '--log-level=info\n            - --new-flag=7'],
      ['containerPort: 7946', 'containerPort: 7947'],
      ['maximum: 255', 'maximum: 254'],
    ),
  ).toEqual([
    expect.stringMatching(/^Deployment\/controller .*\/args\/--new-flag: 7 -> -$/),
    expect.stringMatching(/^Deployment\/controller .*\/controller\/image: \S+:v9\.\S+ -> \S+:v0\.\S+$/),
    expect.stringMatching(/^DaemonSet\/speaker .*\/ports\/memberlist-tcp\/containerPort: 7947 -> 7946$/),
    expect.stringMatching(/^CustomResourceDefinition\/bfdprofiles\.metallb\.io .*\/maximum: 254 -> 255$/),
  ]);
});

test('rights are compared one by one, however they are put together', () => {
  const [role] = manifestsOf(text).filter(
    ({ kind, metadata }) => kind === 'Role' && metadata.name === 'controller',
  );
  const { rules, ...rest } = role as Manifest & { rules: { verbs: string[] }[] };
  const split = rules.flatMap((rule) => rule.verbs.map((verb) => ({ ...rule, verbs: [verb] })));
  expect(compare([{ ...rest, rules: split } as Manifest], [role as Manifest]).unknown).toEqual([]);
  const more = compare([{ ...rest, rules: split.slice(1) } as Manifest], [role as Manifest]).unknown.map(
    lineOf,
  );
  expect(more).toEqual([expect.stringMatching(/^Role\/controller \/rules\/\S+: - -> granted$/)]);
});

test('a field and an object that one side does not have are one line each', () => {
  const crds = manifestsOf(metallbCrds);
  const without = metallbCrds.replace(/ {16}preferredNodeSelectors:[\s\S]*?(?= {16}serviceSelectors:)/, '');
  expect(compare(manifestsOf(without), crds).unknown.map(lineOf)).toEqual([
    expect.stringMatching(/\/spec\/properties\/preferredNodeSelectors: - -> there$/),
  ]);
  expect(compare(crds.slice(1), crds).unknown.map(lineOf)).toEqual([
    'CustomResourceDefinition/bfdprofiles.metallb.io : - -> there',
  ]);
});

test('descriptions and messages are not compared', () => {
  expect(found(['description: How', 'description: Why'])).toEqual([]);
});

test('who speaks BGP, and which FRR-K8s is there, is read from the manifests', () => {
  expect(backendOf(text)).toBe('native');
  expect(backendOf('        - name: METALLB_BGP_TYPE\n          value: frr-k8s\n')).toBe('frr-k8s');
  expect(frrK8sOf('        image: quay.io/metallb/frr-k8s:v0.0.99\n')).toBe('0.0.99');
  expect(frrK8sOf(text)).toBeUndefined();
});

test('every row of the table of differences is known to the tool, but those about files and their order', () => {
  const page = readFileSync('docs/reference/metallb.md', 'utf8');
  const [, table = ''] = /## Compared to the release's manifests\n(.*?)\n## /s.exec(page) ?? [];
  const rows = [...table.matchAll(/^\| (.*?) +\|/gm)]
    .map(([, what]) => what)
    .filter((what) => what !== 'what');
  const named = new Set(['CRDs', 'order', ...knownDifferences.map(({ what }) => what)]);
  expect(new Set(rows.filter((what) => !/^-+$/.test(what ?? '')))).toEqual(named);
});
