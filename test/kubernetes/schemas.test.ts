import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import fc from 'fast-check';
import { manifestSetCrd } from '../../src/cluster/manifest-set';
import { metallbCrds } from '../../src/cluster/metallb/crds';
import type { Manifest } from '../../src/config/objects/manifest';
import { formatPath } from '../../src/config/path';
import { KubernetesSchemas } from '../../src/kubernetes/schemas';
import { notMissed, otherWords } from '../../tools/schemas/corrections';
import { customText, documentsOf } from '../../tools/schemas/custom';
import { objectOf, samples } from '../cluster/custom-resources';
import { closedSchemas } from '../support/custom-resource-schema';

const schemas = new KubernetesSchemas('v1.36.2+k3s1');

/** What is said of an object, as a list of lines. */
function said(manifest: unknown, of = schemas): string[] {
  return of
    .check(manifest)
    .map(
      ({ path, message, hint }) => `${formatPath(path)}: ${message}${hint === undefined ? '' : `; ${hint}`}`,
    );
}

const container = { name: 'web', image: 'docker.io/library/nginx:1.29' };
const labels = { app: 'web' };

function deployment(change: object = {}, containerChange: object = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'web' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ ...container, ...containerChange }] } },
      ...change,
    },
  };
}

test('a common object has no findings', () => {
  const resources = { requests: { cpu: 0.5, memory: '64Mi' }, limits: { memory: 1e9 } };
  const ports = [{ containerPort: 80, protocol: 'TCP' }];
  expect(said(deployment({ replicas: 2, strategy: null }, { resources, ports, command: [] }))).toEqual([]);
});

const inContainer = 'spec.template.spec.containers[0]';
test.each([
  [
    'a misspelt field',
    deployment({ replcas: 2 }),
    "spec.replcas: unknown field 'replcas'; did you mean 'replicas'?",
  ],
  [
    'a number in quotes',
    deployment({ replicas: '2' }),
    "spec.replicas: the text '2' has to be a whole number",
  ],
  ['half a pod', deployment({ replicas: 1.5 }), 'spec.replicas: 1.5 has to be a whole number'],
  [
    'a number where text belongs',
    deployment({}, { env: [{ name: 'PORT', value: 80 }] }),
    `${inContainer}.env[0].value: 80 has to be a text; put it in quotes`,
  ],
  [
    'a word in the wrong case',
    deployment({}, { imagePullPolicy: 'always' }),
    `${inContainer}.imagePullPolicy: 'always' has to be 'Always', 'IfNotPresent' or 'Never'; did you mean 'Always'?`,
  ],
  [
    'a list without dashes',
    deployment({}, { args: '-v' }),
    `${inContainer}.args: the text '-v' has to be a list`,
  ],
  ['a map that is a list', deployment({ template: [] }), 'spec.template: a list has to be a map'],
  ['no selector', deployment({ selector: undefined }), "spec: 'selector' is missing"],
  [
    'a quantity with the wrong unit',
    deployment({}, { resources: { limits: { memory: '128MB' } } }),
    `${inContainer}.resources.limits.memory: '128MB' is not a quantity; write a number, and after it m, k, M, G, Ki, Mi, Gi or nothing`,
  ],
  [
    'plain text in a Secret',
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token' }, data: { token: 'a b' } },
    'data.token: the value is not base64; a Secret takes plain text as stringData',
  ],
  ['no name', { apiVersion: 'v1', kind: 'Secret', metadata: {} }, "metadata: 'name' is missing"],
  ['no kind', { apiVersion: 'v1', metadata: { name: 'a' } }, ": 'kind' is missing"],
  [
    'a misspelt kind',
    { apiVersion: 'apps/v1', kind: 'Deploymnt', metadata: { name: 'a' } },
    "kind: apps/v1 has no kind 'Deploymnt'; did you mean 'Deployment'?",
  ],
  [
    'a kind in another group',
    { apiVersion: 'apps/v1', kind: 'Service', metadata: { name: 'a' } },
    "kind: apps/v1 has no kind 'Service'; it is in v1",
  ],
  [
    'a version that is gone',
    { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata: { name: 'a' } },
    "apiVersion: Kubernetes 1.36 has no 'extensions/v1beta1'; Ingress is in networking.k8s.io/v1",
  ],
  [
    "a misspelt field of MetalLB's",
    {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name: 'lan' },
      spec: { addreses: ['192.0.2.0/24'] },
    },
    "spec.addreses: unknown field 'addreses'; did you mean 'addresses'?\nspec: 'addresses' is missing",
  ],
  [
    'a misspelt field of a chart of k3s',
    { apiVersion: 'helm.cattle.io/v1', kind: 'HelmChart', metadata: { name: 'a' }, spec: { value: {} } },
    "spec.value: unknown field 'value'; did you mean 'values'?",
  ],
])('%s is told', (_, manifest, expected) => {
  expect(said(manifest).join('\n')).toBe(expected);
});

test('a kind of a group that nobody here knows is taken as it is', () => {
  const manifest = { apiVersion: 'example.com/v1', kind: 'Toy', metadata: { name: 'a' }, spec: { a: 1 } };
  expect(schemas.knows('example.com/v1', 'Toy')).toBe(false);
  expect(said(manifest)).toEqual([]);
});

test('a CRD brings its kind along, and null only where the CRD takes it', () => {
  const properties = { size: { type: 'integer', minimum: 1 }, colour: { type: 'string', nullable: true } };
  const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties } } };
  const crd = {
    spec: {
      group: 'example.com',
      names: { kind: 'Toy' },
      versions: [{ name: 'v1', schema: { openAPIV3Schema } }],
    },
  };
  const spec = { size: 0, color: 'red', colour: null };
  const manifest = { apiVersion: 'example.com/v1', kind: 'Toy', metadata: { name: 'a' }, spec };
  const own = new KubernetesSchemas('v1.36.2+k3s1', [crd]);
  expect(said(manifest, own)).toEqual([
    'spec.size: 0 has to be at least 1',
    "spec.color: unknown field 'color'",
  ]);
  expect(said({ ...manifest, spec: { size: null } }, own)).toEqual([
    'spec.size: null has to be a whole number',
  ]);
});

test('fields belong to their releases', () => {
  const manifest = deployment({}, { restartPolicyRules: [] });
  const of = (version: string) => said(manifest, new KubernetesSchemas(version));
  expect(of('v1.33.4+k3s1')).toEqual([
    `${inContainer}.restartPolicyRules: unknown field 'restartPolicyRules'; did you mean 'restartPolicy'?`,
  ]);
  expect(of('v1.34.1+k3s1')).toEqual([]);
});

test('manual corrections are in the schemas', () => {
  const text = readFileSync('src/kubernetes/kubernetes.schema.txt', 'utf8');
  const line = (path: string) =>
    text.split('\n').find((each) => each.split(/[ @]/)[0] === ownerOf(path)) ?? '';
  const asked = [...notMissed].filter((path) => !line(path).includes(`${path.split('.').at(-1)}:`));
  const open = Object.entries(otherWords).filter(
    ([path, words]) =>
      !line(path)
        .replaceAll('!', '')
        .includes(`${path.split('.').at(-1)}:"${words.join('|')}"`),
  );
  expect({ asked, open }).toEqual({ asked: [], open: [] });
});

const ownerOf = (path: string) => path.slice(0, path.lastIndexOf('.'));

test('a release without schemas is checked with the nearest one, which is reported', () => {
  const { release, exact } = new KubernetesSchemas('v1.99.0+k3s1');
  expect({ release, exact }).toEqual({ release: '1.37', exact: false });
});

test('the schemas of our own CRDs are up to date: otherwise run `npm run schemas -- …` as its file says', () => {
  const written = readFileSync('src/kubernetes/custom.schema.txt', 'utf8').split('\n');
  const made = customText(documentsOf([metallbCrds, manifestSetCrd].join('\n---\n'))).split('\n');
  expect(written).toEqual(expect.arrayContaining(made));
});

/** What `ajv` says of the structure, as far as these schemas have it. */
const structural = ['type', 'required', 'additionalProperties', 'enum', 'minimum', 'maximum'];

test('random mistakes in custom resources are found where a whole validator of JSON Schema finds them', () => {
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  const validators = new Map([...closedSchemas].map(([name, schema]) => [name, ajv.compile(schema)]));
  const objects = samples.filter(({ accepted }) => accepted).map(objectOf);
  const mistake = fc.record({
    object: fc.constantFrom(...objects),
    where: fc.nat(),
    what: fc.oneof(
      fc.constant({ remove: true }),
      fc.constant({ rename: 'adress' }),
      fc.constantFrom(0, -1, 1.5, 1e6, '', 'a', true, [], {}, [1], null).map((value) => ({ value })),
    ),
  });
  fc.assert(
    fc.property(mistake, ({ object, where, what }) => {
      const changed = withMistake(object, where, what);
      const validate = validators.get(`${changed.apiVersion} ${changed.kind}`);
      validate?.(changed);
      const wanted = (validate?.errors ?? []).filter(({ keyword }) => structural.includes(keyword));
      const found = schemas.check(changed);
      expect(new Set(found.map(({ path }) => `/${path.join('/')}`))).toEqual(
        new Set(
          wanted.map(({ keyword, instancePath, params }) =>
            keyword === 'additionalProperties'
              ? `${instancePath}/${params.additionalProperty}`
              : instancePath || '/',
          ),
        ),
      );
    }),
    { numRuns: 500 },
  );
});

type Mistake = { readonly remove?: boolean; readonly rename?: string; readonly value?: unknown };

/** With a mistake in one of the places below spec or status. */
function withMistake(object: Manifest, where: number, { remove, rename, value }: Mistake): Manifest {
  const copy = structuredClone(object) as Record<string, unknown> & Manifest;
  const places: { readonly owner: Record<string, unknown>; readonly key: string }[] = [];
  const visit = (owner: unknown) => {
    if (typeof owner !== 'object' || owner === null) return;
    for (const key of Object.keys(owner)) {
      places.push({ owner: owner as Record<string, unknown>, key });
      visit((owner as Record<string, unknown>)[key]);
    }
  };
  visit(copy.spec ?? copy.status);
  const place = places[where % Math.max(places.length, 1)];
  if (!place) return copy;
  const { owner, key } = place;
  if (rename !== undefined && !Array.isArray(owner)) {
    owner[rename] = owner[key];
    delete owner[key];
  } else if (remove && !Array.isArray(owner)) delete owner[key];
  else owner[key] = value ?? null;
  return copy;
}
