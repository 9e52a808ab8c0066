import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { synthCluster } from '../../src/cluster/cluster-app';
import type { Manifest } from '../../src/config/objects/manifest';
import { k3sVersion } from '../../src/config/pinned-releases';
import { ApiServer, apiServerVersion, whyNoApiServer } from '../support/api-server';
import { argoOrder, fluxStages } from '../support/gitops-order';
import { documentsOf, manifestsOf } from '../support/manifests';
import { testWhen } from '../support/needs';
import { scratchFolders } from '../support/scratch';
import { topologyWith } from '../support/topology';
import { allAddons, external, pools } from './every-kind';

const reason = whyNoApiServer();
const testOnApi = testWhen(reason === undefined, `nothing is applied as Flux and Argo CD do: ${reason}`);
const newFolder = scratchFolders();

const version = reason === undefined ? apiServerVersion() : k3sVersion;
// A name after that of MetalLB's webhook configuration, and one before it.
const sections = `metallb: { ${pools.replace('[{', '[{ name: zone, addresses: [192.168.10.230/32] }, {')} }
${external} subdir }
${allAddons}
k3s: { version: ${version} }`;
const output = synthCluster(topologyWith(sections));
const objects = manifestsOf(output.files);

let api: ApiServer;
beforeAll(async () => {
  if (reason !== undefined) return;
  api = new ApiServer(output.crds);
  await api.ready();
  const definitions = documentsOf(output.crds).map(({ metadata }) => `crd/${metadata.name}`);
  while (api.kubectl('get', ...definitions).status !== 0) await new Promise((done) => setTimeout(done, 500));
  api.do('wait', '--for=condition=Established', '--timeout=60s', ...definitions);
});
afterAll(async () => {
  await api?.stop();
});

function fileOf(part: readonly Manifest[]): string {
  const file = join(newFolder(), 'objects.yaml');
  writeFileSync(file, part.map((object) => stringify(object, { version: '1.1' })).join('---\n'));
  return file;
}

/** Applies objects in this order, as a controller of that name owns them. */
function apply(part: readonly Manifest[], manager: string, ...args: string[]) {
  const serverSide = ['--server-side', '--force-conflicts', `--field-manager=${manager}`];
  const { status, stderr } = api.kubectl('apply', ...serverSide, ...args, '-f', fileOf(part));
  return { status, stderr };
}

const done = { status: 0, stderr: '' };

type Applied = Manifest & { metadata: { managedFields: { manager: string; time: string }[] } };

/** What the manager's applies left in each object, with the times. Controllers go on to write status beside it. */
function writtenBy(manager: string) {
  const shown = api.do('get', '--show-managed-fields', '-f', fileOf(objects), '-o', 'json');
  const { items } = JSON.parse(shown) as { items: Applied[] };
  return items.map(({ kind, metadata: { namespace, name, managedFields } }) => ({
    kind,
    namespace,
    name,
    written: managedFields.filter((entry) => entry.manager === manager),
  }));
}

testOnApi(
  "Argo CD's order needs no retry on a fresh cluster, and a second sync changes nothing",
  async () => {
    expect(apply(argoOrder(objects), 'argocd-controller')).toEqual(done);
    const before = writtenBy('argocd-controller');
    expect(before.filter(({ written }) => written.length === 1)).toHaveLength(objects.length);
    // The time in an object has whole seconds.
    await new Promise((passed) => setTimeout(passed, 1100));
    expect(apply(argoOrder(objects), 'argocd-controller')).toEqual(done);
    expect(writtenBy('argocd-controller')).toEqual(before);
  },
);

testOnApi("Flux's stages need no retry on a fresh cluster, and a second run changes nothing", async () => {
  const metallb = objects.filter(
    ({ kind, apiVersion }) => apiVersion.startsWith('metallb.io/') || kind.startsWith('Validating'),
  );
  // The webhook first: nobody answers here when objects are deleted.
  api.do('delete', '-f', fileOf([...metallb].reverse()));
  const stages = () =>
    fluxStages(objects).flatMap((stage) => [
      apply(stage, 'kustomize-controller', '--dry-run=server'),
      apply(stage, 'kustomize-controller'),
    ]);
  expect(stages()).toEqual([done, done, done, done, done, done]);
  const before = writtenBy('kustomize-controller');
  await new Promise((passed) => setTimeout(passed, 1100));
  expect(stages()).toEqual([done, done, done, done, done, done]);
  expect(writtenBy('kustomize-controller')).toEqual(before);
});
