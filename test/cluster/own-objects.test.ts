import { ApiObject } from 'cdk8s';
import { synthCluster, type UserCharts } from '../../src/cluster/cluster-app';
import { ManifestChart } from '../../src/cluster/manifest-chart';
import { topologyWith } from '../support/topology';

const misspelt: UserCharts = (app, { name: cluster }) => {
  const chart = new ManifestChart(app, '50-web', { application: { name: 'web' }, cluster });
  new ApiObject(chart, 'map', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'web' },
    dat: { a: 1 },
  });
  new ApiObject(chart, 'role', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'web' },
    rules: [{ verbs: 'get' }],
  });
};

test('everything in a chart of your own that Kubernetes would refuse is reported before anything is written', () => {
  const message = `Kubernetes 1.36 does not accept what a chart makes: correct the chart
  dist/50-web.k8s.yaml: ConfigMap 'web': dat: unknown field 'dat' (did you mean 'data'?)
  dist/50-web.k8s.yaml: Role 'web': rules[0].verbs: the text 'get' has to be a list`;
  expect(() => synthCluster(topologyWith(''), misspelt)).toThrow(message);
});

test('a release of Kubernetes that is newer than the schemas may have other fields', () => {
  const topology = topologyWith('k3s: { version: v1.99.0+k3s1 }');
  expect([...synthCluster(topology, misspelt).files.keys()]).toContain('50-web.k8s.yaml');
});

test('objects of a kind that the same charts define are checked by that definition', () => {
  const size = { type: 'object', properties: { size: { type: 'integer' } } };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: size } } };
  const withKind: UserCharts = (app, { name: cluster }) => {
    const chart = new ManifestChart(app, '50-toys', { application: { name: 'toys' }, cluster });
    new ApiObject(chart, 'kind', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'toys.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Toy', plural: 'toys' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    new ApiObject(chart, 'toy', {
      apiVersion: 'example.com/v1',
      kind: 'Toy',
      metadata: { name: 'bear' },
      spec: { size: 'large' },
    });
  };
  expect(() => synthCluster(topologyWith(''), withKind)).toThrow(
    "dist/50-toys.k8s.yaml: Toy 'bear': spec.size: the text 'large' has to be a whole number",
  );
});
