import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManifestFolder } from '../../src/output/manifest-folder';
import { manifestHeader } from '../../src/output/manifest-header';
import { dieAt, live } from '../support/failing-fs';
import { readTree, scratchFolders } from '../support/scratch';

jest.mock('node:fs', () =>
  jest.requireActual<typeof import('../support/failing-fs')>('../support/failing-fs').failingFs(),
);

const scratch = scratchFolders();
const emptyFolder = () => join(scratch(), 'dist');
const manifest = (text: string) => `${manifestHeader}${text}\n`;
const old = new Map([
  ['a.k8s.yaml', manifest('old a')],
  ['b.k8s.yaml', manifest('old b')],
]);
const next = new Map([
  ['a.k8s.yaml', manifest('new a')],
  ['c.k8s.yaml', manifest('new c')],
]);

afterEach(live);

test('writes the manifests and says what it changes', () => {
  const folder = emptyFolder();
  new ManifestFolder(folder).write(old);
  expect(new ManifestFolder(folder).changes(next)).toEqual([
    { path: 'a.k8s.yaml', kind: 'changed' },
    { path: 'b.k8s.yaml', kind: 'removed' },
    { path: 'c.k8s.yaml', kind: 'added' },
  ]);
  new ManifestFolder(folder).write(next);
  expect(readTree(folder)).toEqual(Object.fromEntries(next));
  expect(new ManifestFolder(folder).changes(next)).toEqual([]);
});

test('leaves what it did not write, folders included', () => {
  const folder = emptyFolder();
  const own = { 'README.md': 'mine', 'mine.k8s.yaml': 'kind: ConfigMap\n', 'sub/x.txt': 'x' };
  mkdirSync(join(folder, 'sub'), { recursive: true });
  for (const [path, text] of Object.entries(own)) writeFileSync(join(folder, path), text);
  new ManifestFolder(folder).write(old);
  new ManifestFolder(folder).write(next);
  expect(readTree(folder)).toEqual({ ...own, ...Object.fromEntries(next) });
});

test("refuses to replace somebody else's file of the same name", () => {
  const folder = emptyFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a.k8s.yaml'), 'mine');
  expect(() => new ManifestFolder(folder).write(old)).toThrow(
    /a\.k8s\.yaml' was not written by k3s-cdk: move or delete/,
  );
  expect(readTree(folder)).toEqual({ 'a.k8s.yaml': 'mine' });
});

test('leaves the folder itself alone when nothing changes', () => {
  const folder = emptyFolder();
  new ManifestFolder(folder).write(old);
  dieAt(1);
  expect(() => new ManifestFolder(folder).write(old)).not.toThrow();
});

test('a crash at any moment leaves the old manifests or the new ones, and the next run finishes the work', () => {
  let survivedAt = 0;
  for (let step = 1; survivedAt === 0; step += 1) {
    const folder = emptyFolder();
    new ManifestFolder(folder).write(old);
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    dieAt(step);
    try {
      new ManifestFolder(folder).write(next);
      survivedAt = step;
    } catch {
      live();
      const { 'mine.txt': _, ...found } = readTree(folder);
      // In between the two renames there is no folder at all, which kubectl refuses to apply.
      expect([Object.fromEntries(old), Object.fromEntries(next), {}]).toContainEqual(found);
    }
    live();
    new ManifestFolder(folder).write(next);
    expect(readTree(folder)).toEqual({ ...Object.fromEntries(next), 'mine.txt': 'mine' });
    expect(readdirSync(join(folder, '..')).filter((name) => name !== 'dist')).toEqual([]);
  }
  expect(survivedAt).toBeGreaterThan(5);
});
