import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildLibrary } from '../tools/build-library.js';

/** What docs/how-to/library.md shows: a chart of one's own in the manifests of a cluster. */
const program = `
import { KubeConfigMap } from 'cdk8s-plus-28/lib/imports/k8s';
import { loadConfig, ManifestChart, podLabels, resolve, synthCluster } from 'k3s-cdk';

const { config, issues } = loadConfig('cluster.yaml');
if (!config) throw new Error(issues.map(({ message }) => message).join());
const { files } = synthCluster(resolve(config), (app, topology) => {
  const chart = new ManifestChart(app, '60-mine', { application: { name: 'mine' }, cluster: topology.name });
  new KubeConfigMap(chart, 'map', { metadata: { name: 'mine', namespace: 'default' }, data: podLabels('a', 'b') });
});
console.log([...files.keys()].join(' '));
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'library-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync('node_modules'))
    symlinkSync(resolve('node_modules', name), join(modules, name));
  const library = join(modules, 'k3s-cdk');
  for (const name of ['src', 'imports', 'package.json'])
    cpSync(name, join(library, name), { recursive: true });
  buildLibrary(join(library, 'lib', 'index.js'));
  cpSync('cluster.yaml', join(folder, 'cluster.yaml'));
  writeFileSync(join(folder, 'program.ts'), program);
});

afterAll(() => rmSync(folder, { recursive: true }));

test("a TypeScript user's program type-checks against the published sources", () => {
  const { stdout, status } = spawnSync(
    resolve('node_modules/.bin/tsc'),
    [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'preserve',
      '--moduleResolution',
      'bundler',
      '--target',
      'es2023',
      '--types',
      'node',
      'program.ts',
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
});

test('it runs, and its chart is one file more', () => {
  const { stdout, stderr } = spawnSync(resolve('node_modules/.bin/tsx'), ['program.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({
    stdout:
      '00-namespaces.k8s.yaml 10-metallb-config.k8s.yaml 11-metallb.k8s.yaml 20-nfs.k8s.yaml 60-mine.k8s.yaml\n',
    stderr: '',
  });
});
