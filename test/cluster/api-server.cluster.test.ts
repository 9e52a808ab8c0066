import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type ClusterOutput, synthCluster } from '../../src/cluster/cluster-app';
import { metallbCrds } from '../../src/cluster/metallb/crds';
import { k3sVersion } from '../../src/config/pinned-releases';
import { resolve } from '../../src/model/resolve';
import { ApiServer, apiServerVersion, whyNoApiServer } from '../support/api-server';
import { configOf } from '../support/config';
import { examples } from '../support/examples';
import { documentsOf, manifestsOf } from '../support/manifests';
import { testWhen } from '../support/needs';
import { scratchFolders } from '../support/scratch';
import { topologyWith } from '../support/topology';
import { beforeOf, objectOf, type Sample, samples } from './custom-resources';
import { allAddons, clusters } from './every-kind';

const reason = whyNoApiServer();
const testOnApi = testWhen(reason === undefined, `nothing is applied to a real API server: ${reason}`);
const newFolder = scratchFolders();

/** What is made for a release is applied to it. */
const version = reason === undefined ? apiServerVersion() : k3sVersion;

/** Of the user's own, of each way into the cluster: a definition with an object, a namespace, a chart for a late kind. */
const ownObjects = parse(`
- apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: { name: things.example.net }
  spec:
    group: example.net
    scope: Cluster
    names: { kind: Thing, listKind: ThingList, plural: things, singular: thing }
    versions:
      - name: v1
        served: true
        storage: true
        schema: { openAPIV3Schema: { type: object, properties: { size: { type: integer } } } }
- { apiVersion: example.net/v1, kind: Thing, metadata: { name: own }, size: 3 }
- { apiVersion: v1, kind: ConfigMap, metadata: { name: own }, data: { a: b } }
- { apiVersion: v1, kind: Namespace, metadata: { name: own } }
- { apiVersion: late.example.net/v1, kind: Late, metadata: { name: own } }
`);

/** An example with all add-ons, and objects of the user's own, beside what it has. */
function withAllAddons(file: string, change: (text: string) => string = (text) => text): ClusterOutput {
  const data = parse(change(readFileSync(file, 'utf8')));
  const { ingress, ...addons } = parse(allAddons).addons;
  const [pool] = data.metallb?.pools ?? [];
  data.addons = { ...addons, ingress: pool ? { ...ingress, pool: pool.name } : 'traefik', ...data.addons };
  data.k3s.version = version;
  data.manifests = [...ownObjects, ...(data.manifests ?? [])];
  return synthCluster(resolve(configOf(stringify(data), dirname(file))));
}

/** Writes manifests as synth does; the folder is named. */
function written({ files }: ClusterOutput, folder = newFolder()): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return folder;
}

const reference = withAllAddons('cluster.yaml');
/** The pool of the reference cluster has one address less. */
const otherPool = withAllAddons('cluster.yaml', (text) => text.replace('.220]', '.219]'));

/** One is applied to in the client's way, the other by the server. */
let client: ApiServer;
let server: ApiServer;
beforeAll(async () => {
  if (reason !== undefined) return;
  client = new ApiServer(reference.crds);
  server = new ApiServer(reference.crds);
  await Promise.all([client.ready(), server.ready()]);
  for (const api of [client, server]) {
    const definitions = documentsOf(reference.crds).map(({ metadata }) => `crd/${metadata.name}`);
    // Not there yet is an error to kubectl.
    while (api.kubectl('get', ...definitions).status !== 0)
      await new Promise((done) => setTimeout(done, 500));
    api.do('wait', '--for=condition=Established', '--timeout=60s', ...definitions);
  }
});
afterAll(async () => {
  await Promise.all([client?.stop(), server?.stop()]);
});

interface Stored {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly resourceVersion: string };
}

/** What is there of these manifests: `kind namespace/name` and version of each object. */
function versions(api: ApiServer, folder: string): Record<string, string> {
  const { items } = JSON.parse(api.do('get', '-f', folder, '-o', 'json')) as { items: Stored[] };
  return Object.fromEntries(
    items.map(({ kind, metadata: { namespace = '', name, resourceVersion } }) => [
      `${kind} ${namespace}/${name}`,
      resourceVersion,
    ]),
  );
}

/** No pod of MetalLB runs here, which would answer. */
function removeWebhook(api: ApiServer): void {
  api.do('delete', 'validatingwebhookconfigurations', '--all');
}

/** Lines of an apply that say something else than "unchanged". */
function changes(output: string): string[] {
  return output
    .trim()
    .split('\n')
    .filter((line) => !line.endsWith(' unchanged'));
}

/** Asks the API server about each sample by a kubectl command; whether it took it. */
function asked(list: readonly Sample[], ...args: string[]): boolean[] {
  const file = join(newFolder(), 'samples.yaml');
  const named = list.map((sample) => {
    const object = objectOf(sample);
    return { ...object, metadata: { name: nameOf(sample), namespace: 'default' } };
  });
  // As JSON: `yes` is a text to the writer of YAML and a boolean to kubectl.
  writeFileSync(file, named.map((object) => JSON.stringify(object)).join('\n---\n'));
  const { stdout } = server.kubectl(...args, '--validate=strict', '-f', file);
  return list.map((sample) => new RegExp(`/${nameOf(sample)} (created|replaced)`).test(stdout));
}

const definitions = documentsOf(metallbCrds) as unknown as Definition[];

interface Definition {
  readonly spec: { readonly names: { readonly kind: string }; readonly versions: readonly object[] };
}

const hasStatus = (version: { subresources?: { status?: object } }) =>
  version.subresources?.status !== undefined;

const nameOf = (sample: Sample) => `sample-${samples.findIndex(({ what }) => what === sample.what)}`;

testOnApi("custom resources are judged as MetalLB's own definitions do", () => {
  const withStatus = new Set(
    definitions.filter(({ spec }) => spec.versions.some(hasStatus)).map(({ spec }) => spec.names.kind),
  );
  const ofStatus = samples.filter(({ kind, status }) => status !== undefined && withStatus.has(kind));
  const ofObject = samples.filter((sample) => sample.before !== undefined && !ofStatus.includes(sample));
  const updates = [...ofStatus, ...ofObject];
  const creations = samples.filter((sample) => !updates.includes(sample));
  // The status is a part of its own, which is not looked at when an object is made.
  const before = updates.map((sample) =>
    sample.before === undefined ? { ...sample, status: undefined } : beforeOf(sample),
  );
  expect(asked(before, 'create')).toEqual(before.map(() => true));
  const statusBefore = ofStatus.filter((sample) => sample.before !== undefined).map(beforeOf);
  expect(asked(statusBefore, 'replace', '--subresource=status')).toEqual(statusBefore.map(() => true));
  const answers = [
    ...asked(creations, 'create', '--dry-run=server').map((taken, i) => [creations[i], taken] as const),
    ...asked(ofObject, 'replace', '--dry-run=server').map((taken, i) => [ofObject[i], taken] as const),
    ...asked(ofStatus, 'replace', '--subresource=status', '--dry-run=server').map(
      (taken, i) => [ofStatus[i], taken] as const,
    ),
  ];
  expect(answers).toHaveLength(samples.length);
  expect(answers.map(([sample, taken]) => [sample?.what, taken])).toEqual(
    answers.map(([sample]) => [sample?.what, sample?.accepted]),
  );
  for (const name of new Set(updates.map(({ kind }) => kind)))
    server.do('delete', name, '--namespace=default', '--all');
});

testOnApi('one apply is enough on a fresh server, and a second one changes nothing', () => {
  const dist = written(reference);
  expect(client.kubectl('apply', '--validate=strict', '-f', dist)).toMatchObject({ status: 0, stderr: '' });
  const before = versions(client, dist);
  expect(Object.keys(before)).toHaveLength(manifestsOf(reference.files).length);
  expect(changes(client.do('apply', '-f', dist))).toEqual([]);
  expect(versions(client, dist)).toEqual(before);
});

testOnApi('another pool changes the pool alone', () => {
  removeWebhook(client);
  expect(changes(client.do('apply', '-f', written(otherPool)))).toEqual([
    'ipaddresspool.metallb.io/lan configured',
    'validatingwebhookconfiguration.admissionregistration.k8s.io/metallb-webhook-configuration created',
  ]);
});

const serverSide = ['--server-side', '--field-manager=k3s-cdk', '--validate=strict'];

testOnApi('one apply by the server is enough as well, and a second one changes nothing', () => {
  const dist = written(reference);
  expect(server.kubectl('apply', ...serverSide, '-f', dist)).toMatchObject({ status: 0, stderr: '' });
  const before = versions(server, dist);
  expect(Object.keys(before)).toHaveLength(manifestsOf(reference.files).length);
  // The server asks the webhook about a pool whether or not it changes.
  removeWebhook(server);
  server.do('apply', ...serverSide, '-f', dist);
  const webhook = Object.keys(before).filter((id) => id.startsWith('ValidatingWebhookConfiguration '));
  const same = ([id]: [string, string]) => !webhook.includes(id);
  expect(Object.entries(versions(server, dist)).filter(same)).toEqual(Object.entries(before).filter(same));
});

const everything: (readonly [string, ClusterOutput])[] = [
  ...examples.map(([name, file]) => [`the example ${name} with all add-ons`, withAllAddons(file)] as const),
  ...clusters.map(
    ([name, sections, userCharts]) =>
      [name, synthCluster(topologyWith(`${sections}\nk3s: { version: ${version} }`), userCharts)] as const,
  ),
];

testOnApi.each(everything)('every object of %s is accepted, without unknown fields', (_, output) => {
  // Another provisioner is another class, and a class does not change.
  server.do('delete', 'validatingwebhookconfigurations,storageclasses,csidrivers', '--all');
  const dist = written(output);
  // Those of the user's own charts have a file of their own.
  for (const name of output.files.keys())
    if (name.endsWith('-namespaces.k8s.yaml')) server.do('apply', ...serverSide, '-f', join(dist, name));
  const { status, stdout, stderr } = server.kubectl('apply', ...serverSide, '--dry-run=server', '-f', dist);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toHaveLength(manifestsOf(output.files).length);
});

/** What `docs/reference/cluster.md` says, for the cluster's name. */
const pruning = ['--prune', '--applyset=manifestsets.k3s-cdk.internal/homelab'];

testOnApi('an add-on that is removed takes its objects along, and nothing that is not ours', () => {
  const without = withAllAddons('cluster.yaml', (text) => `${text}\naddons: { systemUpgrade: false }\n`);
  const [dist, smaller] = [written(reference), written(without)];
  client.do('create', '-f', fileWith(reference.manifestSet));
  removeWebhook(client);
  client.do('apply', '-f', dist, ...pruning);
  // Somebody's own, with the labels that ours have, beside ours and in a namespace of theirs.
  client.do('create', 'namespace', 'mine');
  const mine = ['mine', 'metallb-system', 'kube-system'].map((namespace) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'mine',
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'k3s-cdk', 'app.kubernetes.io/part-of': 'homelab' },
    },
  }));
  const foreign = fileWith(mine.map((object) => stringify(object)).join('---\n'));
  client.do('create', '-f', foreign);
  const [kept, foreignBefore] = [versions(client, smaller), versions(client, foreign)];
  const removed = manifestsOf(reference.files).length - manifestsOf(without.files).length;
  expect(removed).toBeGreaterThan(3);

  const said = client.do('apply', '-f', smaller, ...pruning);
  expect(changes(said).every((line) => line.endsWith(' pruned'))).toBe(true);
  expect(changes(said)).toHaveLength(removed);
  expect(versions(client, smaller)).toEqual(kept);
  expect(versions(client, foreign)).toEqual(foreignBefore);
  const gone = manifestsOf(reference.files).filter(({ metadata }) => metadata.name === 'system-upgrade');
  expect(gone).not.toEqual([]);
  client.do('wait', '--for=delete', '--timeout=120s', 'namespace/system-upgrade');
});

testOnApi("objects of the user's own leave with cluster.yaml's lines, and their definition stays", () => {
  const own = { ...reference, files: new Map(reference.files) };
  own.files.delete('40-manifests.k8s.yaml');
  removeWebhook(client);
  client.do('apply', '-f', written(reference), ...pruning);
  expect(client.do('get', 'things.example.net', '-o', 'name')).toBe('thing.example.net/own\n');
  removeWebhook(client);
  const said = changes(client.do('apply', '-f', written(own), ...pruning));
  expect(said.filter((line) => !line.startsWith('validatingwebhook')).sort()).toEqual([
    'configmap/own pruned',
    'helmchart.helm.cattle.io/manifests-late-example-net pruned',
    'namespace/own pruned',
    'thing.example.net/own pruned',
  ]);
  expect(client.do('get', 'crd', 'things.example.net', '-o', 'name')).toContain('things.example.net');
});

testOnApi('dist of another cluster is refused as a whole by a cluster that does not keep track of it', () => {
  const dist = written(synthCluster(topologyWith('')));
  const other = ['--prune', '--applyset=manifestsets.k3s-cdk.internal/test'];
  const before = client.do('get', 'all,configmaps', '-A', '-o', 'name');
  expect(client.kubectl('apply', '-f', dist, ...other)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'error: custom resource ApplySet parents cannot be created automatically\n',
  });
  expect(client.do('get', 'all,configmaps', '-A', '-o', 'name')).toBe(before);
});

testOnApi("k3s keeps a definition of the user's own that is gone from its file", async () => {
  const withoutOwn = documentsOf(reference.crds).filter(
    ({ metadata }) => metadata.name !== 'things.example.net',
  );
  const marker = { ...withoutOwn[0], metadata: { name: 'markers.k3s-cdk.internal' } };
  Object.assign(marker, {
    spec: {
      ...(withoutOwn[0]?.spec as object),
      names: { kind: 'Marker', listKind: 'MarkerList', plural: 'markers', singular: 'marker' },
    },
  });
  client.giveDefinitions([...withoutOwn.slice(1), marker].map((each) => stringify(each)).join('---\n'));
  // One that has no label goes in the same apply of k3s: so that has been done.
  client.do('wait', '--for=delete', '--timeout=120s', 'crd/manifestsets.k3s-cdk.internal');
  client.do('wait', '--for=condition=Established', '--timeout=60s', 'crd/markers.k3s-cdk.internal');
  expect(client.do('get', 'crd', '-o', 'name')).toContain('/things.example.net');
});

function fileWith(text: string): string {
  const file = join(newFolder(), 'objects.yaml');
  writeFileSync(file, text);
  return file;
}
