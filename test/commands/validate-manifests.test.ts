import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { scratchFolders } from '../support/scratch';
import { validated } from '../support/validated';

const scratch = scratchFolders();

const operations = 'operations: [{ op: remove, path: /spec/template }]';

test.each([
  [
    'a name that is misspelt',
    `{ kind: Deployment, name: controler, ${operations} }`,
    "9:31: error: there is no Deployment 'controler' in the manifests: take kind and name from a file in dist (did you mean 'controller'?)",
  ],
  [
    'a kind that is misspelt',
    `{ kind: Deploymnt, name: cntroller, ${operations} }`,
    "9:13: error: there is no Deploymnt in the manifests: take kind and name from a file in dist (did you mean 'Deployment'?)",
  ],
  [
    'the kind of another object',
    `{ kind: Deployment, name: speaker, ${operations} }`,
    "9:13: error: there is no Deployment 'speaker' in the manifests (there is a ServiceAccount and a DaemonSet of this name)",
  ],
  [
    'another namespace',
    `{ kind: Deployment, name: controller, namespace: metallb, ${operations} }`,
    "9:54: error: Deployment 'controller' is not in the namespace 'metallb', but in 'metallb-system'",
  ],
  [
    'a namespace for what has none',
    '{ kind: StorageClass, name: nfs, namespace: a, operations: [{ op: remove, path: /parameters }] }',
    "9:49: error: StorageClass 'nfs' is not in the namespace 'a', but in no namespace: delete this line",
  ],
  [
    'several objects',
    '{ kind: NetworkPolicy, name: ingress, operations: [{ op: remove, path: /spec }] }',
    "9:34: error: there is more than one NetworkPolicy 'ingress': add 'namespace', one of 'metallb-system' and 'nfs-storage'",
  ],
  [
    'a field that is not there',
    '{ kind: DaemonSet, name: speaker, operations: [{ op: test, path: /kind, value: DaemonSet }, { op: replace, path: /spec/selectr, value: 2 }] }',
    "9:118: error: DaemonSet 'speaker' has no '/spec/selectr': look at its file in dist (did you mean 'selector'?)",
  ],
  [
    'a parent that is not there',
    '{ kind: DaemonSet, name: speaker, operations: [{ op: add, path: /spec/a/b, value: 2 }] }',
    "9:69: error: DaemonSet 'speaker' has no '/spec/a': look at its file in dist (it has selector, template)",
  ],
  [
    'an item behind the end of a list',
    '{ kind: Deployment, name: controller, operations: [{ op: replace, path: /spec/template/spec/containers/1/args, value: [] }] }',
    "9:77: error: '/spec/template/spec/containers' of Deployment 'controller' is a list of 1, 0 to 0: it has no '1'",
  ],
  [
    'a place below a scalar',
    '{ kind: Deployment, name: controller, operations: [{ op: add, path: /spec/revisionHistoryLimit/a, value: 1 }] }',
    "9:73: error: '/spec/revisionHistoryLimit' of Deployment 'controller' is '3', and has nothing in it",
  ],
  [
    'a test that fails',
    '{ kind: Deployment, name: controller, operations: [{ op: test, path: /spec/revisionHistoryLimit, value: 9 }] }',
    "9:109: error: '/spec/revisionHistoryLimit' of Deployment 'controller' is '3', so the test fails and nothing is changed",
  ],
  [
    'another name for an object',
    '{ kind: Deployment, name: controller, operations: [{ op: replace, path: /metadata/name, value: other }] }',
    "9:77: error: '/metadata/name' of Deployment 'controller' stays: another object is one of 'manifests'",
  ],
])('of a patch with %s it is said where it stands and what to do', (_, patch, said) => {
  expect(validated(scratch(), `patches:\n  - ${patch}\n`)).toEqual([`cluster.yaml:${said}`]);
});

test('what a patch writes is judged by the schema of the kind, where it is written', () => {
  const patch = `patches:
  - kind: Deployment
    name: controller
    operations:
      - { op: add, path: /spec/replica, value: 3 }
      - { op: add, path: /spec/replicas, value: "3" }
      - op: add
        path: /spec/template/spec/containers/-
        value: { name: side, imge: registry.example.net/side, ports: [{ containerPort: 80 }] }
      - { op: remove, path: /spec/selector }
`;
  expect(validated(scratch(), patch)).toEqual([
    "cluster.yaml:12:26: error: Deployment 'controller': unknown field 'replica'",
    "cluster.yaml:13:49: error: Deployment 'controller': the text '3' has to be a whole number",
    "cluster.yaml:16:30: error: Deployment 'controller': unknown field 'imge' (did you mean 'image'?)",
    "cluster.yaml:17:29: error: Deployment 'controller': 'selector' is missing",
  ]);
});

test('of a kind whose schema is younger or older than k3s it is only warned', () => {
  const object = '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a }, date: {} }';
  const [, finding] = validated(scratch(), `k3s: { version: v1.99.0+k3s1 }\nmanifests: [${object}]\n`);
  expect(finding).toBe(
    "cluster.yaml:9:71: warning: ConfigMap 'a': unknown field 'date' (did you mean 'data'?)",
  );
});

test('every patch that cannot be applied is told at once', () => {
  const patches = ['speker', 'controller', 'memberlist']
    .map((name) => `  - { kind: DaemonSet, name: ${name}, ${operations} }\n`)
    .join('');
  expect(validated(scratch(), `patches:\n${patches}`).map((line) => line.slice(0, 20))).toEqual([
    'cluster.yaml:9:30: e',
    'cluster.yaml:10:13: ',
    'cluster.yaml:11:30: ',
  ]);
});

const map = 'apiVersion: v1\nkind: ConfigMap\n';

test.each([
  [
    'a mapping of no object',
    'a: b\n',
    [
      "objects.yaml:1:1: error: the key 'apiVersion' is missing: an object has 'apiVersion', 'kind' and 'metadata'",
      "objects.yaml:1:1: error: the key 'kind' is missing: an object has 'apiVersion', 'kind' and 'metadata'",
      "objects.yaml:1:1: error: the key 'metadata' is missing, and in it the name of the object",
    ],
  ],
  ['a text', 'a text\n', ['objects.yaml:1:1: error: this is not a Kubernetes object, which is a mapping']],
  [
    'a comment alone',
    '# nothing\n---\n',
    ["cluster.yaml:9:5: error: 'objects.yaml' has no object in it: delete this line"],
  ],
  [
    'no name',
    `${map}metadata: { labels: { a: b } }\n`,
    ["objects.yaml:3:1: error: the key 'name' is missing in 'metadata'"],
  ],
  [
    'a made-up name',
    `${map}metadata: { generateName: a- }\n`,
    [
      "objects.yaml:3:1: error: the key 'name' is missing: an object with 'generateName' would be another one at every apply",
    ],
  ],
  [
    'a name in capitals',
    `${map}metadata: { name: Settings }\n`,
    [
      "objects.yaml:3:19: error: 'Settings' is not a name of an object: use lower case letters, digits, '-' and '.', a letter or digit first and last",
    ],
  ],
  [
    'a version without its group',
    'apiVersion: app\nkind: A\nmetadata: { name: a }\n',
    ["objects.yaml:1:13: error: 'app' is not a version of an API: write it like v1 or apps/v1"],
  ],
  [
    'a label that is no text',
    `${map}metadata: { name: a, labels: { a: 1 } }\n`,
    ['objects.yaml:3:35: error: a value of \'labels\' is text: put it in quotes, "1"'],
  ],
  [
    'what a cluster writes',
    `${map}metadata: { name: a, uid: 7d1b, resourceVersion: "12", labels: { applyset.kubernetes.io/part-of: x } }\n`,
    [
      "objects.yaml:3:22: error: 'uid' is what a cluster has written into this object: delete it",
      "objects.yaml:3:33: error: 'resourceVersion' is what a cluster has written into this object: delete it",
      "objects.yaml:3:66: error: 'applyset.kubernetes.io/part-of' is what a cluster has written into this object: delete it",
    ],
  ],
  [
    'a secret',
    'apiVersion: v1\nkind: Secret\nmetadata: { name: token }\nstringData: { key: s3cret }\n',
    [
      "objects.yaml:4:1: error: the Secret 'token' would stand in 'dist', which is made for git, and this file is no place for it either: make it with 'kubectl create secret', and name it here where it is used",
    ],
  ],
  [
    'the same object twice',
    `${map}metadata: { name: a }\n---\n${map}metadata: { name: a }\n`,
    [
      "objects.yaml:7:19: error: the ConfigMap 'a' is here a second time: delete one (the other one is in line 1)",
    ],
  ],
  [
    'scalars of YAML 1.1',
    `${map}metadata: { name: a }\ndata: { a: yes, b: 0644, c: 12345678901234567890 }\n`,
    [
      'objects.yaml:4:12: error: \'yes\' is text, not true: write true, or "yes" if text is meant',
      'objects.yaml:4:20: error: \'0644\' is read as 644, without its zero: write 0o644 for an octal number, or "0644" for text',
      'objects.yaml:4:29: error: \'12345678901234567890\' has more digits than a number can hold, and would become 12345678901234567168: put it in quotes, "12345678901234567890"',
    ],
  ],
  [
    'a duplicate key',
    `${map}metadata: { name: a, name: b }\n`,
    [
      "objects.yaml:3:22: error: the key 'name' is given twice in this mapping: delete one (the other one is in line 3)",
    ],
  ],
  [
    'a kustomization',
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a]\n',
    [
      "objects.yaml:2:7: error: this is for kustomize: write what 'kubectl kustomize' makes of it to a file, and name that",
    ],
  ],
  [
    'a pool of MetalLB',
    'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: { name: a, namespace: metallb-system }\nspec: { addresses: [10.0.0.0/24] }\n',
    [
      "objects.yaml:2:7: error: what this IPAddressPool says is 'metallb.pools' in cluster.yaml, where it is checked against everything else: move it there",
    ],
  ],
  [
    'an object of ours',
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: nfs-storage }\n',
    [
      "objects.yaml:3:19: error: the Namespace 'nfs-storage' is in 'dist/00-namespaces.k8s.yaml' already: change it with 'patches', or give this one another name",
    ],
  ],
  [
    'a namespace that nobody makes',
    `${map}metadata: { name: a, namespace: web }\n`,
    [
      "objects.yaml:3:33: warning: nothing here makes the namespace 'web': add a Namespace, or make it before the first apply",
    ],
  ],
  [
    'a second default class',
    'apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata:\n  name: fast\n  annotations:\n    storageclass.kubernetes.io/is-default-class: "true"\nprovisioner: example.net/fast\n',
    [
      "objects.yaml:6:50: warning: 'nfs' and 'fast' are both the default StorageClass: let one be, with 'nfs.default: false' for that of 'nfs'",
    ],
  ],
  [
    'a kind whose add-on is off',
    'apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: { name: a }\nspec: { selfSigned: {} }\n',
    [
      "objects.yaml:2:7: warning: nothing here brings the kind 'ClusterIssuer' to the cluster: set 'addons.certManager'. It waits until something does",
    ],
  ],
  [
    'fields that the kind does not have, a late one and one of a definition beside it',
    `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replica: 2
  selector: {}
  template: { spec: { containers: [{ name: web, ports: [{ containerPort: "80" }] }] } }
---
apiVersion: frrk8s.metallb.io/v1beta1
kind: FRRConfiguration
metadata: { name: a, namespace: metallb-system }
spec: { bgp: { router: [] } }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.net }
spec:
  group: example.net
  scope: Namespaced
  names: { kind: Thing, plural: things }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } } }
---
apiVersion: example.net/v1
kind: Thing
metadata: { name: a }
spec: { siz: 1 }
---
apiVersion: apps/v1
kind: Deploymnt
metadata: { name: a }
`,
    [
      "objects.yaml:5:3: error: Deployment 'web': unknown field 'replica' (did you mean 'replicas'?)",
      "objects.yaml:7:74: error: Deployment 'web': the text '80' has to be a whole number",
      "objects.yaml:10:7: warning: nothing here brings the kind 'FRRConfiguration' to the cluster: set 'metallb.bgp.backend: frr-k8s'. It waits until something does",
      "objects.yaml:12:16: error: FRRConfiguration 'a': unknown field 'router' (did you mean 'routers'?)",
      "objects.yaml:30:9: error: Thing 'a': unknown field 'siz' (did you mean 'size'?)",
      "objects.yaml:33:7: error: Deploymnt 'a': apps/v1 has no kind 'Deploymnt' (did you mean 'Deployment'?)",
    ],
  ],
  [
    'an unfinished template',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n',
    [
      "objects.yaml:4:9: error: '{{ .Release.Name }}' is to be filled in, and nobody does that here: write the value itself",
    ],
  ],
])('of a file with %s it is said where it stands and what to do', (_, text, said) => {
  expect(validated(scratch(), 'manifests:\n  - objects.yaml\n', { 'objects.yaml': text })).toEqual(said);
});

test('of objects in cluster.yaml the same is said as of those in files', () => {
  const sections = `manifests:
  - apiVersion: v1
    kind: ConfigMap
    metadata: { name: a }
    data: { a: on }
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: b, uid: x } }
  - objects.yaml
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: c } }
`;
  expect(validated(scratch(), sections, { 'objects.yaml': `${map}metadata: { name: c }\n` })).toEqual([
    'cluster.yaml:12:16: error: \'on\' is text, not true: write true, or "on" if text is meant',
    "cluster.yaml:13:61: error: 'uid' is what a cluster has written into this object: delete it",
    "cluster.yaml:15:58: error: the ConfigMap 'c' is here a second time: delete one (the other one is in line 1 of objects.yaml)",
  ]);
});

test.each([
  ['missing.yaml', "there is no file 'missing.yaml': paths are relative to this file"],
  ['.', "'.' is a directory: name the files in it"],
  [
    'https://example.net/a.yaml',
    "'https://example.net/a.yaml' is not downloaded: save the file beside this one, and name it",
  ],
  ['large.yaml', "'large.yaml' is larger than 1 MB: divide it, or leave out what the cluster does not need"],
])('a file that cannot be used is told where it is named: %s', (name, said) => {
  const files = { 'large.yaml': '#'.repeat(1_000_001) };
  expect(validated(scratch(), `manifests:\n  - ${name}\n`, files)).toEqual([
    `cluster.yaml:9:5: error: ${said}`,
  ]);
});

test('an object that kubectl could not keep track of is told', () => {
  const text = `${map}metadata: { name: a }\ndata: { a: ${'x'.repeat(262_144)} }\n`;
  expect(validated(scratch(), 'manifests: [objects.yaml]\n', { 'objects.yaml': text })).toEqual([
    "objects.yaml:1:1: error: the ConfigMap 'a' is larger than the 256 KB that 'kubectl apply' can keep track of: divide it",
  ]);
});

test('a chart and a kind that waits for one need the Helm controller', () => {
  const sections = `manifests:
  - { apiVersion: helm.cattle.io/v1, kind: HelmChart, metadata: { name: a, namespace: kube-system }, spec: { chart: a } }
  - { apiVersion: example.net/v1, kind: Thing, metadata: { name: a } }
`;
  expect(validated(scratch(), sections)).toEqual([]);
  const off = `${sections}k3s: { version: v1.36.2+k3s1, config: { disable-helm-controller: true } }\n`;
  expect(validated(scratch(), off)).toEqual([
    "cluster.yaml:9:44: error: the HelmChart 'a' is installed by the Helm controller of k3s: delete 'disable-helm-controller', or this",
    "cluster.yaml:10:41: error: the Thing 'a' is installed by the Helm controller of k3s: delete 'disable-helm-controller', or this",
  ]);
});

const word = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    'yes',
    'no',
    '0644',
    '1.10',
    '12:30',
    '2026-01-02',
    '1e5',
    '~',
    'a: b',
    '{{ x }}',
    '- a\n- b\n',
  ),
);
const texts = fc.dictionary(word, text, { maxKeys: 3 });
const quantities = fc.record({
  cpu: fc.constantFrom('10m', '1', 0.5),
  memory: fc.constantFrom('64Mi', '1e3', 1000),
});
/** Each a kind with a part that is free and one that has a schema. */
const content = fc.oneof(
  fc.record({ apiVersion: fc.constant('v1'), kind: fc.constant('ConfigMap'), data: texts }),
  fc.record({
    apiVersion: fc.constant('apps/v1'),
    kind: fc.constant('Deployment'),
    spec: fc.record({
      replicas: fc.nat(5),
      selector: fc.constant({ matchLabels: { app: 'a' } }),
      template: fc.record({
        metadata: fc.record({ labels: fc.constant({ app: 'a' }), annotations: texts }),
        spec: fc.record({
          containers: fc.tuple(
            fc.record({
              name: word,
              image: fc.constant('registry.example.net/a:1.0'),
              args: fc.array(text, { maxLength: 2 }),
              resources: fc.record({ requests: quantities }),
              ports: fc.constantFrom([], [{ containerPort: 80 }, { containerPort: 443, protocol: 'UDP' }]),
            }),
          ),
        }),
      }),
    }),
  }),
  fc.record({
    apiVersion: fc.constant('things.example.net/v1alpha2'),
    kind: fc.constant('Thing'),
    spec: fc.dictionary(word, fc.oneof(text, fc.integer(), fc.boolean(), texts), { maxKeys: 3 }),
  }),
);
const object = fc.record({
  content,
  name: word,
  annotations: texts,
  namespace: fc.constantFrom(undefined, 'default', 'kube-system'),
});

test('of objects that are right, nothing is said', () => {
  const folder = scratch();
  fc.assert(
    fc.property(
      fc.uniqueArray(object, { minLength: 1, maxLength: 4, selector: ({ name }) => name }),
      (all) => {
        const documents = all.map(({ content: rest, name, annotations, namespace }) => {
          const { apiVersion, kind, ...more } = rest;
          const metadata = { name, ...(namespace && { namespace }), annotations };
          return stringify({ apiVersion, kind, metadata, ...more }, { compat: 'yaml-1.1' });
        });
        const file = documents.join('---\n');
        expect([file, ...validated(folder, 'manifests: [own.yaml]\n', { 'own.yaml': file })]).toEqual([file]);
      },
    ),
    { seed: 20261130, numRuns: 100 },
  );
});
