import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthCluster } from '../../src/cluster/cluster-app';
import { parseConfig } from '../../src/config/load';
import { resolve } from '../../src/model/resolve';
import { documentsOf, idOf } from '../support/manifests';
import { scratchFolders } from '../support/scratch';
import { topologyWith } from '../support/topology';

/** The objects of `dist/40-manifests.k8s.yaml`, and what k3s gets beforehand. */
function given(manifests: string, more = '') {
  const { files, crds } = synthCluster(topologyWith(`${more}\nmanifests:\n${manifests}`));
  return { objects: documentsOf(files.get('40-manifests.k8s.yaml') ?? ''), crds: documentsOf(crds) };
}

const scratch = scratchFolders();
const smallest = `name: test
ssh: { user: pi }
hosts: [{ name: board, address: 192.168.10.10, roles: [database, nfs, server] }]
k3s: { version: v1.36.2+k3s1 }
`;

const settings = '  - { apiVersion: v1, kind: ConfigMap, metadata: { name: settings } }\n';

test('objects have our labels, keep their own, and are in the namespace that kubectl would take', () => {
  const { objects } = given(`  - apiVersion: v1
    kind: ConfigMap
    metadata:
      name: settings
      labels: { app.kubernetes.io/part-of: argocd, app.kubernetes.io/managed-by: Helm }
    data: { a: "no" }
  - { apiVersion: v1, kind: PersistentVolume, metadata: { name: disk, namespace: default }, spec: {} }
`);
  expect(objects).toEqual([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'settings',
        namespace: 'default',
        labels: {
          'app.kubernetes.io/name': 'manifests',
          'app.kubernetes.io/part-of': 'argocd',
          'app.kubernetes.io/managed-by': 'k3s-cdk',
        },
      },
      data: { a: 'no' },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'disk', labels: expect.objectContaining({ 'app.kubernetes.io/part-of': 'test' }) },
      spec: {},
    },
  ]);
});

test('namespaces come first and webhooks last; the rest stays in its order', () => {
  const object = (apiVersion: string, kind: string, name: string) =>
    `  - { apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: ${name} } }\n`;
  const { objects } = given(
    [
      object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'checks'),
      object('v1', 'Service', 'web'),
      object('late.example.net/v1', 'Thing', 'thing'),
      object('v1', 'ConfigMap', 'settings'),
      object('v1', 'Namespace', 'web'),
    ].join(''),
  );
  expect(objects.map(idOf)).toEqual([
    'Namespace/web',
    'Service/web',
    'ConfigMap/settings',
    'HelmChart/manifests-late-example-net',
    'ValidatingWebhookConfiguration/checks',
  ]);
});

const definition = `  - apiVersion: apiextensions.k8s.io/v1
    metadata: { name: things.example.net }
    kind: CustomResourceDefinition
    spec: { group: example.net, scope: Cluster, names: { kind: Thing, plural: things }, versions: [] }
`;

test('definitions are given to k3s, which keeps them, so that their objects can be applied with the others', () => {
  const { objects, crds } = given(
    `${definition}  - { apiVersion: example.net/v1, kind: Thing, metadata: { name: a, namespace: b } }\n`,
  );
  expect(objects.map(idOf)).toEqual(['Thing/a']);
  // It belongs to no namespace.
  expect(objects[0]?.metadata).not.toHaveProperty('namespace');
  const own = crds.find(({ metadata }) => metadata.name === 'things.example.net');
  expect(own?.metadata.labels).toMatchObject({
    'app.kubernetes.io/managed-by': 'k3s-cdk',
    'objectset.rio.cattle.io/prune': 'false',
  });
  // The step that waits for definitions finds them by their kind, which comes before their name.
  expect(Object.keys(own ?? {}).slice(0, 3)).toEqual(['apiVersion', 'kind', 'metadata']);
});

test('objects of kinds that a chart brings wait for it, each API group by itself', () => {
  const { objects } = given(
    `  - { apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: { name: a }, spec: { selfSigned: {} } }
  - { apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: { name: b }, spec: { selfSigned: {} } }
  - { apiVersion: traefik.io/v1alpha1, kind: Middleware, metadata: { name: c, namespace: default }, spec: {} }
`,
    'addons: { certManager: {} }',
  );
  const charts = objects.map((object) => {
    const { valuesContent } = object.spec as { valuesContent: string };
    const [values] = documentsOf(valuesContent) as unknown as { objects: typeof objects }[];
    return [object.metadata.name, object.metadata.namespace, values?.objects.map(idOf)];
  });
  expect(charts).toEqual([
    ['manifests-cert-manager-io', 'kube-system', ['ClusterIssuer/a', 'ClusterIssuer/b']],
    ['manifests-traefik-io', 'kube-system', ['Middleware/c']],
  ]);
});

test('a k3s that would uninstall a release whose upgrade fails keeps the objects in it', () => {
  const late = '  - { apiVersion: example.net/v1, kind: Database, metadata: { name: a } }\n';
  const specOf = (version: string) =>
    given(late, `k3s: { version: ${version} }`).objects[0]?.spec as Record<string, string>;
  expect(specOf('v1.36.2+k3s1').valuesContent).toContain('helm.sh/resource-policy: keep');
  expect(specOf('v1.36.2+k3s1')).not.toHaveProperty('failurePolicy');
  expect(specOf('v1.36.3+k3s1').valuesContent).not.toContain('resource-policy');
  expect(specOf('v1.36.3+k3s1')).toMatchObject({ failurePolicy: 'retry' });
});

test('the same files give the same bytes in any folder', () => {
  const made = [scratch(), scratch()].map((folder) => {
    writeFileSync(join(folder, 'own.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: own }\n');
    const text = `${smallest}manifests: [own.yaml]\n`;
    const { config } = parseConfig(text, join(folder, 'cluster.yaml'), folder);
    return config && [...synthCluster(resolve(config)).files];
  });
  expect(made[0]?.map(([name]) => name)).toContain('40-manifests.k8s.yaml');
  expect(made[1]).toEqual(made[0]);
});

test('values of a chart may be written as what they are', () => {
  const { objects } = given(`  - apiVersion: helm.cattle.io/v1
    kind: HelmChart
    metadata: { name: csi-driver-nfs, namespace: kube-system }
    spec:
      chart: csi-driver-nfs
      valuesContent: { controller: { replicas: 1 }, kubeletDir: "0755" }
`);
  expect(objects[0]?.spec).toEqual({
    chart: 'csi-driver-nfs',
    valuesContent: 'controller:\n  replicas: 1\nkubeletDir: "0755"\n',
  });
});

test('a patch changes an object of manifests as any other, and without objects there is no file', () => {
  const patch =
    '[{ kind: ConfigMap, name: settings, operations: [{ op: add, path: /data, value: { a: b } }] }]';
  expect(given(`${settings}patches: ${patch}\n`).objects[0]).toMatchObject({ data: { a: 'b' } });
  expect([...synthCluster(topologyWith('')).files.keys()]).not.toContain('40-manifests.k8s.yaml');
});
