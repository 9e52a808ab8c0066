import { ApiObject, Chart } from 'cdk8s';
import {
  ClusterRole,
  ConfigMap,
  CronJob,
  Deployment,
  type DeploymentProps,
  Namespace,
  Service,
  ServiceAccount,
} from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { ExampleChart } from '../../src/apps/example-chart';
import { synthCluster, type UserCharts } from '../../src/cluster/cluster-app';
import { ManifestChart, type ManifestChartProps } from '../../src/cluster/manifest-chart';
import { topologyOf } from '../support/examples';
import { documentsOf } from '../support/manifests';
import { topologyWith } from '../support/topology';

/** What a chart of the user's own makes, as it is in dist. */
function objectsOf(userCharts: UserCharts) {
  const { files } = synthCluster(topologyWith(''), userCharts);
  return [...files].flatMap(([name, text]) => (/^6\d-/.test(name) ? documentsOf(text) : []));
}

const web: DeploymentProps = { containers: [{ image: 'docker.io/library/httpd:2.4.66', portNumber: 8080 }] };
const shop: Pick<ManifestChartProps, 'application' | 'namespace'> = {
  application: { name: 'shop', version: '1.2.3' },
  namespace: { name: 'shop', podSecurity: 'baseline' },
};

test('constructs of cdk8s-plus-28 get the namespace of their chart, their ID as name, and the recommended labels', () => {
  const objects = objectsOf((app, { name: cluster }) => {
    const chart = new ManifestChart(app, '60-shop', { ...shop, cluster });
    const deployment = new Deployment(chart, 'web', web);
    deployment.exposeViaService().exposeViaIngress('/');
    new ConfigMap(chart, 'Settings_of', { data: { a: 'b' } });
    new ConfigMap(chart, 'elsewhere', { metadata: { name: 'given', namespace: 'kube-public' } });
    new ServiceAccount(chart, 'robot');
  });
  expect(objects.map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace}/${name}`)).toEqual([
    'Deployment shop/web',
    'Service shop/web-service',
    'Ingress shop/web-service-ingress',
    'ConfigMap shop/settings-of',
    'ConfigMap kube-public/given',
    'ServiceAccount shop/robot',
  ]);
  for (const { metadata } of objects)
    expect(metadata.labels).toEqual({
      'app.kubernetes.io/name': 'shop',
      'app.kubernetes.io/version': '1.2.3',
      'app.kubernetes.io/part-of': 'test',
      'app.kubernetes.io/managed-by': 'k3s-cdk',
    });
});

test('what belongs to no namespace has none, in a chart of this tool and in one for another App', () => {
  const charts: ManifestChart[] = [];
  const objects = objectsOf((app, { name: cluster }) => {
    const chart = new ManifestChart(app, '60-shop', { ...shop, cluster });
    new ClusterRole(chart, 'reader');
    new Namespace(chart, 'more');
    charts.push(chart);
  });
  for (const made of [objects, charts[0]?.toJson() ?? []])
    expect(made.map(({ kind, metadata: { namespace } }) => [kind, namespace])).toEqual([
      ['ClusterRole', undefined],
      ['Namespace', undefined],
    ]);
});

test('objects of charts without a namespace are in the default one, whatever the context of who applies them', () => {
  const objects = objectsOf((app, { name: cluster }) => {
    new ConfigMap(new ManifestChart(app, '60-shop', { application: shop.application, cluster }), 'web');
    // One that somebody had before.
    new ConfigMap(new Chart(app, '60-older'), 'web', { metadata: { name: 'other' } });
  });
  expect(objects.map(({ metadata: { namespace, name } }) => [namespace, name]).sort()).toEqual([
    ['default', 'other'],
    ['default', 'web'],
  ]);
});

test('charts that share a namespace describe it in the same way', () => {
  const charts = (...levels: ('baseline' | 'restricted')[]): UserCharts => {
    return (app, { name: cluster }) => {
      for (const [index, podSecurity] of levels.entries()) {
        const namespace = { name: 'shop', podSecurity };
        new ManifestChart(app, `6${index}-shop`, { application: shop.application, cluster, namespace });
      }
    };
  };
  expect(() => objectsOf(charts('baseline', 'baseline'))).not.toThrow();
  expect(() => objectsOf(charts('baseline', 'restricted'))).toThrow(
    "two charts describe the namespace 'shop' differently: let 'podSecurity' and 'openPorts' be the same in both",
  );
});

test('names keep to what Kubernetes allows for their kind', () => {
  const id = 'a'.repeat(40);
  const objects = objectsOf((app, { name: cluster }) => {
    const chart = new ManifestChart(app, '60-shop', { ...shop, cluster });
    const group = new Construct(chart, id);
    new Service(group, `${id}-z`, { ports: [{ port: 1 }] });
    new CronJob(chart, `${id}${id}`, { ...web, schedule: { expressionString: '0 0 * * *' } as never });
    new ApiObject(chart, 'default', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'x' } });
  });
  expect(objects.map(({ kind, metadata: { name } }) => [kind, name.length])).toEqual([
    ['Service', 63],
    ['CronJob', 52],
    ['ServiceAccount', 1],
  ]);
  expect(objects[0]?.metadata.name).toMatch(/^a+-a{40}-z$/);
});

test('two objects of one name in the same namespace are an error that names both files', () => {
  const twice: UserCharts = (app, { name: cluster }) => {
    for (const file of ['60-shop', '61-shop'])
      new ConfigMap(new ManifestChart(app, file, { application: shop.application, cluster }), 'web');
  };
  expect(() => objectsOf(twice)).toThrow(
    "the ConfigMap 'web' in the namespace 'default' is made twice, in 'dist/60-shop.k8s.yaml' and 'dist/61-shop.k8s.yaml': give one of them another ID or 'metadata.name'",
  );
});

test('the example app is made of them', () => {
  const { files } = synthCluster(topologyOf('cluster.yaml'), (app, topology) => {
    new ExampleChart(app, '50-example', { topology, host: 'example.home.arpa', pool: 'lan' });
  });
  const objects = documentsOf(files.get('50-example.k8s.yaml') ?? '');
  expect(objects.map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace}/${name}`)).toEqual([
    'PersistentVolumeClaim example/files',
    'Deployment example/web',
    'Service example/web',
    'PodDisruptionBudget example/disruption-budget',
    'Ingress example/ingress',
  ]);
  const [, deployment] = objects;
  expect(deployment).toMatchObject({
    // What a Deployment selects cannot be changed later: nothing that is made of IDs.
    spec: {
      selector: {
        matchLabels: { 'app.kubernetes.io/name': 'example', 'app.kubernetes.io/component': 'web' },
      },
    },
  });
});
