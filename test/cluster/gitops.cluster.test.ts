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

function versions(): string[] {
  const { items } = JSON.parse(api.do('get', '-f', fileOf(objects), '-o', 'json')) as { items: Manifest[] };
  return items.map(
    ({ kind, metadata }) =>
      `${kind} ${metadata.namespace}/${metadata.name} ${(metadata as { resourceVersion?: string }).resourceVersion}`,
  );
}

testOnApi("Argo CD's order needs no retry on a fresh cluster, and a second sync changes nothing", () => {
  expect(apply(argoOrder(objects), 'argocd-controller')).toEqual(done);
  const before = versions();
  expect(before).toHaveLength(objects.length);
  expect(apply(argoOrder(objects), 'argocd-controller')).toEqual(done);
  expect(versions()).toEqual(before);
});

testOnApi("Flux's stages need no retry on a fresh cluster, and a second run changes nothing", () => {
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
  const before = versions();
  expect(stages()).toEqual([done, done, done, done, done, done]);
  expect(versions()).toEqual(before);
});
