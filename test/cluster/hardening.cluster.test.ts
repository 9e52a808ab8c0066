import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { synthCluster } from '../../src/cluster/cluster-app';
import { hardeningFiles } from '../../src/config/cis';
import { serverFiles } from '../../src/roles/k3s/k3s-node';
import { nodeConfig } from '../../src/roles/k3s/node-config';
import { ApiServer, whyNoApiServer } from '../support/api-server';
import { idOf, manifestsOf, podOf } from '../support/manifests';
import { testWhen } from '../support/needs';
import { scratchFolders } from '../support/scratch';
import { topologyWith } from '../support/topology';
import { allAddons, external, pools } from './every-kind';

const reason = whyNoApiServer();
const testOnApi = testWhen(reason === undefined, `no hardened API server is asked: ${reason}`);
const newFolder = scratchFolders();

const topology = topologyWith(`k3s: { version: v1.36.2+k3s1, hardening: cis }
metallb: { ${pools} }
${external} csi }
${allAddons}`);
const dist = synthCluster(topology);

/** What of the step's files the API server reads; the kubelet's arguments are for nodes. */
function settings(): Record<string, string> {
  const files = serverFiles(topology, { crds: dist.crds, manifestSet: dist.manifestSet });
  const [config = {}] = topology.servers.map((host) => nodeConfig(topology, host));
  const ours = [
    'kube-apiserver-arg',
    'kube-controller-manager-arg',
    'kube-scheduler-arg',
    'secrets-encryption',
  ];
  const text = JSON.stringify(Object.fromEntries(ours.map((key) => [key, config[key]])));
  return {
    'config.yaml': text.replace('/var/lib/rancher/k3s', '$DATA'),
    ...Object.fromEntries(
      ['authentication.yaml', 'admission.yaml', 'audit-policy.yaml'].map((name) => [
        name,
        textOf(files, name),
      ]),
    ),
  };
}

function textOf(files: object, name: string): string {
  const text = new Map<string, unknown>(Object.entries(files)).get(name);
  if (typeof text !== 'string') throw new Error(`the step of a hardened server has no ${name}`);
  return text;
}

let api: ApiServer;
beforeAll(async () => {
  if (reason !== undefined) return;
  api = new ApiServer(dist.crds, settings());
  await api.ready();
  // Pods need the account of their namespace, which a controller makes.
  for (const namespace of ['default', 'kube-system'])
    api.do('wait', '--for=create', '--timeout=60s', 'serviceaccount/default', '-n', namespace);
});
afterAll(() => api?.stop());

function fileWith(...objects: object[]): string {
  const file = join(newFolder(), 'objects.yaml');
  writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
  return file;
}

const privileged = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'privileged', namespace },
  spec: { containers: [{ name: 'a', image: 'example.net/a:1.0', securityContext: { privileged: true } }] },
});

testOnApi('k3s starts with every setting, and refuses a privileged pod where nobody asked for one', () => {
  const { status, stderr } = api.kubectl('create', '-f', fileWith(privileged('default')));
  expect({ status, stderr }).toMatchObject({ status: 1 });
  expect(stderr).toContain('violates PodSecurity "restricted:latest": privileged');
  api.do('create', '--dry-run=server', '-f', fileWith(privileged('kube-system')));
});

testOnApi('a service takes no external address that nobody gave it', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a', namespace: 'default' } };
  const spec = { ports: [{ port: 80 }], externalIPs: ['192.168.10.1'] };
  const { status, stderr } = api.kubectl('create', '-f', fileWith({ ...service, spec }));
  expect({ status, stderr }).toMatchObject({ status: 1 });
  expect(stderr).toContain('Use of external IPs is denied');
});

testOnApi('every pod of ours is let in', () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'dist'));
  for (const [name, text] of dist.files) writeFileSync(join(folder, 'dist', name), text);
  const said = api.kubectl('apply', '--server-side', '-f', join(folder, 'dist'));
  expect(said).toMatchObject({ status: 0, stderr: '' });
  const pods = manifestsOf(dist.files).flatMap((manifest) => {
    const spec = podOf(manifest);
    const { namespace } = manifest.metadata;
    const name = idOf(manifest).toLowerCase().replace('/', '-');
    return spec === undefined ? [] : [{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }];
  });
  expect(pods.length).toBeGreaterThan(3);
  expect(api.kubectl('create', '--dry-run=server', '-f', fileWith(...pods))).toMatchObject({
    status: 0,
    stderr: '',
  });
});

testOnApi('Secrets do not lie readable in the datastore, other objects do', () => {
  const kept = (kind: string, text: string) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name: 'kept', namespace: 'default' },
    [kind === 'Secret' ? 'stringData' : 'data']: { text },
  });
  api.do(
    'create',
    '-f',
    fileWith(kept('Secret', 'text-of-the-secret'), kept('ConfigMap', 'text-of-the-map')),
  );
  const folder = join(api.data, 'server', 'db');
  const stored = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(folder, name), 'latin1'))
    .join('');
  expect([stored.includes('text-of-the-map'), stored.includes('text-of-the-secret')]).toEqual([true, false]);
});

testOnApi('the audit log, for root alone, says who did what, and no content of Secrets', () => {
  const file = hardeningFiles.auditLog.replace('/var/lib/rancher/k3s', api.data);
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  const text = readFileSync(file, 'utf8');
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const pod = { resource: 'pods', namespace: 'default', name: 'privileged' };
  expect(events).toContainEqual(
    expect.objectContaining({
      verb: 'create',
      user: expect.objectContaining({ username: 'system:admin' }),
      objectRef: expect.objectContaining(pod),
      responseStatus: expect.objectContaining({ code: 403 }),
    }),
  );
  expect(text).toContain('"name":"kept"');
  expect(text).not.toContain('text-of-the-secret');
});
