import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigMap, Deployment } from 'cdk8s-plus-28';
import { synthCommand } from '../src/commands/synth';
import { ManifestChart, type UserCharts, writeCharts } from '../src/index';
import { RecordingTerminal } from './support/recording-terminal';
import { scratchFolders } from './support/scratch';

const scratch = scratchFolders();

/** A folder with the reference cluster, and cluster.yaml in it. */
function project(): { folder: string; file: string } {
  const folder = scratch();
  const file = join(folder, 'cluster.yaml');
  cpSync('cluster.yaml', file);
  return { folder, file };
}

const shop: UserCharts = (app, topology) => {
  const namespace = { name: 'shop', podSecurity: 'baseline' } as const;
  const props = { application: { name: 'shop' }, cluster: topology.name, namespace };
  new Deployment(new ManifestChart(app, '60-shop', props), 'web', {
    containers: [{ image: 'example/web:1.0' }],
  });
  new ConfigMap(new ManifestChart(app, '61-more', props), 'more', {
    data: { servers: `${topology.servers.length}` },
  });
};

/** `k3s-cdk synth`, which says what it changes. */
function synth(folder: string): string[] {
  const terminal = new RecordingTerminal(folder);
  const options = { file: join(folder, 'cluster.yaml'), check: false, format: 'text' } as const;
  expect(synthCommand(options, { environment: {} }, terminal)).toBe(0);
  return terminal.printed.filter((line) => line.includes('dist/'));
}

const dist = (folder: string) => readdirSync(join(folder, 'dist')).sort();

test('charts of a program are in dist beside those of cluster.yaml, after their namespace', () => {
  const { folder, file } = project();
  const own = ['49-namespaces.k8s.yaml', '60-shop.k8s.yaml', '61-more.k8s.yaml'];
  expect(writeCharts(file, shop)).toEqual(own.map((path) => ({ path, kind: 'added' })));
  expect(dist(folder)).toEqual(own);
  expect(
    readFileSync(join(folder, 'dist/49-namespaces.k8s.yaml'), 'utf8').match(/^kind: Namespace/gm),
  ).toHaveLength(1);
  expect(readFileSync(join(folder, 'dist/61-more.k8s.yaml'), 'utf8')).toContain('servers: "3"');
  expect(writeCharts(file, shop)).toEqual([]);
});

test('synth neither changes nor removes them, in either order, and they do not remove what synth wrote', () => {
  const { folder, file } = project();
  writeCharts(file, shop);
  synth(folder);
  const both = dist(folder);
  expect(both).toEqual(
    expect.arrayContaining(['00-namespaces.k8s.yaml', '20-nfs.k8s.yaml', '60-shop.k8s.yaml']),
  );
  expect(synth(folder)).toEqual([]);
  expect(writeCharts(file, shop)).toEqual([]);
  expect(dist(folder)).toEqual(both);
});

test("the file of a chart that is gone is removed, and nobody else's", () => {
  const { folder, file } = project();
  synth(folder);
  const before = dist(folder);
  writeCharts(file, shop);
  writeFileSync(join(folder, 'dist/62-mine.k8s.yaml'), 'kind: ConfigMap\n');
  expect(writeCharts(file, () => {}).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    'removed 49-namespaces.k8s.yaml',
    'removed 60-shop.k8s.yaml',
    'removed 61-more.k8s.yaml',
  ]);
  expect(dist(folder)).toEqual([...before, '62-mine.k8s.yaml']);
});

test('a wrong cluster.yaml and a chart that Kubernetes refuses are errors, and nothing is written', () => {
  const { folder, file } = project();
  mkdirSync(join(folder, 'dist'));
  const twice: UserCharts = (app, { name: cluster }) => {
    for (const id of ['60-a', '61-a'])
      new ConfigMap(new ManifestChart(app, id, { application: { name: 'a' }, cluster }), 'a');
  };
  expect(() => writeCharts(file, twice)).toThrow(
    "the ConfigMap 'a' in the namespace 'default' is made twice",
  );
  const early: UserCharts = (app, { name: cluster }) => {
    const namespace = { name: 'shop', podSecurity: 'baseline' } as const;
    new ManifestChart(app, '40-shop', { application: { name: 'shop' }, cluster, namespace });
  };
  expect(() => writeCharts(file, early)).toThrow(
    "the ID of the chart '40-shop' has to begin with 50 or more",
  );
  writeFileSync(file, 'name: Home\n');
  expect(() => writeCharts(file, shop)).toThrow(/cluster\.yaml:1:7: /);
  expect(dist(folder)).toEqual([]);
});
