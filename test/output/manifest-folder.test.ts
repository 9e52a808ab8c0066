import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anyFile, ManifestFolder } from '../../src/output/manifest-folder';
import { manifestHeader, olderHeader, signed } from '../../src/output/manifest-header';
import { writeAll } from '../../src/output/output-folder';
import { dieAt, failWith, live } from '../support/failing-fs';
import { readTree, scratchFolders } from '../support/scratch';

jest.mock('node:fs', () =>
  jest.requireActual<typeof import('../support/failing-fs')>('../support/failing-fs').failingFs(),
);

const scratch = scratchFolders();
const emptyFolder = () => join(scratch(), 'dist');
const of = (texts: Record<string, string>) => signed('synth', new Map(Object.entries(texts)));
const old = of({ 'a.k8s.yaml': 'old a\n', 'b.k8s.yaml': 'old b\n' });
const next = of({ 'a.k8s.yaml': 'new a\n', 'c.k8s.yaml': 'new c\n' });

const write = (folder: string, tree: ReadonlyMap<string, string>) =>
  writeAll([{ output: new ManifestFolder(folder), tree }]);

afterEach(live);

test('writes the manifests and says what it changes', () => {
  const folder = emptyFolder();
  write(folder, old);
  expect(new ManifestFolder(folder).changes(next)).toEqual([
    { path: 'a.k8s.yaml', kind: 'changed' },
    { path: 'b.k8s.yaml', kind: 'removed' },
    { path: 'c.k8s.yaml', kind: 'added' },
  ]);
  write(folder, next);
  expect(readTree(folder)).toEqual(Object.fromEntries(next));
  expect(new ManifestFolder(folder).changes(next)).toEqual([]);
});

test('leaves what it did not write, folders included', () => {
  const folder = emptyFolder();
  const own = { 'README.md': 'mine', 'mine.k8s.yaml': 'kind: ConfigMap\n', 'sub/x.txt': 'x' };
  mkdirSync(join(folder, 'sub'), { recursive: true });
  for (const [path, text] of Object.entries(own)) writeFileSync(join(folder, path), text);
  write(folder, old);
  write(folder, next);
  expect(readTree(folder)).toEqual({ ...own, ...Object.fromEntries(next) });
});

test("a copy of one of its files under another name is its owner's, who has changed it", () => {
  const folder = emptyFolder();
  write(folder, old);
  const copies = ['b2.k8s.yaml', '10-mine.k8s.yaml', '60-mine.k8s.yaml'];
  for (const name of copies) writeFileSync(join(folder, name), `${old.get('b.k8s.yaml')}mine\n`);
  write(folder, next);
  expect(Object.keys(readTree(folder)).sort()).toEqual([...copies, 'a.k8s.yaml', 'c.k8s.yaml'].sort());
});

test('what a program and what synth wrote stays with its writer, and is named as what it is', () => {
  const folder = emptyFolder();
  const program = (texts: Record<string, string>) => {
    const tree = signed('program', new Map(Object.entries(texts)));
    writeAll([{ output: new ManifestFolder(folder, 'program'), tree }]);
    return tree;
  };
  write(folder, old);
  const first = program({ '60-web.k8s.yaml': 'web\n', '61-shop.k8s.yaml': 'shop\n' });
  write(folder, next);
  expect(readTree(folder)).toEqual(Object.fromEntries([...next, ...first]));
  const second = program({ '60-web.k8s.yaml': 'web 2\n' });
  expect(readTree(folder)).toEqual(Object.fromEntries([...next, ...second]));
  expect(() => program({ 'a.k8s.yaml': 'mine\n' })).toThrow(/a\.k8s\.yaml' was not written by this program/);
  expect(() => write(folder, of({ '60-web.k8s.yaml': 'x' }))).toThrow(
    /60-web\.k8s\.yaml' was not written by k3s-cdk/,
  );
  expect(manifestHeader('synth', 'a')).not.toBe(manifestHeader('program', 'a'));
});

test('files of an older version, which did not name themselves, go as before; what may be of a program stays', () => {
  const folder = emptyFolder();
  mkdirSync(folder);
  for (const name of ['20-gone.k8s.yaml', 'a.k8s.yaml', '60-of-a-program.k8s.yaml'])
    writeFileSync(join(folder, name), `${olderHeader}old\n`);
  write(folder, next);
  expect(Object.keys(readTree(folder)).sort()).toEqual([
    '60-of-a-program.k8s.yaml',
    'a.k8s.yaml',
    'c.k8s.yaml',
  ]);
});

test('everything is what kubectl reads there, whoever wrote it', () => {
  const folder = emptyFolder();
  expect([...new ManifestFolder(folder).everything()]).toEqual([]);
  write(folder, old);
  for (const name of ['own.yml', 'own.json', 'own.yaml', 'notes.txt'])
    writeFileSync(join(folder, name), name);
  mkdirSync(join(folder, 'sub.yaml'));
  expect([...new ManifestFolder(folder).everything().keys()].sort()).toEqual(
    [...old.keys(), 'own.json', 'own.yaml', 'own.yml'].sort(),
  );
});

test('a folder of any files has them in folders too, and keeps what is not its own', () => {
  const folder = emptyFolder();
  const write = (texts: Record<string, string>) =>
    writeAll([{ output: new ManifestFolder(folder, 'synth', anyFile), tree: of(texts) }]);
  write({ 'a.txt': 'a', 'files/x/b.conf': 'b', 'files/y/c.conf': 'c' });
  const own = { 'files/x/mine.conf': 'mine', 'notes.txt': 'mine' };
  for (const [path, text] of Object.entries(own)) writeFileSync(join(folder, path), text);
  write({ 'a.txt': 'A', 'files/z/b.conf': 'b' });
  expect(readTree(folder)).toEqual({
    ...own,
    ...Object.fromEntries(of({ 'a.txt': 'A', 'files/z/b.conf': 'b' })),
  });
  expect(readdirSync(join(folder, 'files')).sort()).toEqual(['x', 'z']);
  expect(() => write({ 'notes.txt': 'x' })).toThrow(/notes\.txt' was not written by k3s-cdk: move or delete/);
});

test("refuses to replace somebody else's file of the same name", () => {
  const folder = emptyFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a.k8s.yaml'), 'mine');
  expect(() => write(folder, old)).toThrow(/a\.k8s\.yaml' was not written by k3s-cdk: move or delete/);
  expect(readTree(folder)).toEqual({ 'a.k8s.yaml': 'mine' });
});

test('leaves the folder itself alone when nothing changes', () => {
  const folder = emptyFolder();
  write(folder, old);
  dieAt(1);
  expect(() => write(folder, old)).not.toThrow();
});

test('a crash at any moment leaves the old manifests or the new ones, and the next run finishes the work', () => {
  let survivedAt = 0;
  for (let step = 1; survivedAt === 0; step += 1) {
    const folder = emptyFolder();
    write(folder, old);
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    dieAt(step);
    try {
      write(folder, next);
      survivedAt = step;
    } catch {
      live();
      const { 'mine.txt': _, ...found } = readTree(folder);
      // In between the two renames there is no folder at all, which kubectl refuses to apply.
      expect([Object.fromEntries(old), Object.fromEntries(next), {}]).toContainEqual(found);
    }
    live();
    write(folder, next);
    expect(readTree(folder)).toEqual({ ...Object.fromEntries(next), 'mine.txt': 'mine' });
    expect(readdirSync(join(folder, '..')).filter((name) => name !== 'dist')).toEqual([]);
  }
  expect(survivedAt).toBeGreaterThan(5);
});

test('copies that somebody has made beside it stay', () => {
  const folder = emptyFolder();
  write(folder, old);
  for (const name of ['dist.old-2026', 'dist.next-1', 'dist.old']) {
    mkdirSync(join(folder, '..', name));
    writeFileSync(join(folder, '..', name, 'a.k8s.yaml'), old.get('a.k8s.yaml') ?? '');
  }
  write(folder, next);
  expect(readdirSync(join(folder, '..')).sort()).toEqual([
    'dist',
    'dist.next-1',
    'dist.old',
    'dist.old-2026',
  ]);
});

test('a link to another folder stays, one that leads nowhere is an error that says so', () => {
  const folder = emptyFolder();
  const target = join(folder, '..', 'elsewhere');
  symlinkSync(target, folder);
  expect(() => write(folder, old)).toThrow(`dist' is a link to '${target}', which does not exist`);
  expect(readlinkSync(folder)).toBe(target);
  mkdirSync(target);
  write(folder, old);
  expect(readlinkSync(folder)).toBe(target);
  expect(readTree(target)).toEqual(Object.fromEntries(old));
});

test('a mount point is an error that says so, and nothing is left beside it', () => {
  const folder = emptyFolder();
  write(folder, old);
  failWith('EBUSY', 'renameSync');
  expect(() => write(folder, next)).toThrow(/dist' is a mount point/);
  live();
  expect(readTree(folder)).toEqual(Object.fromEntries(old));
  expect(readdirSync(join(folder, '..'))).toEqual(['dist']);
});

test('a pipe with the name of a manifest is not read, which would never end', () => {
  const folder = emptyFolder();
  mkdirSync(folder);
  execFileSync('mkfifo', [join(folder, 'a.k8s.yaml')]);
  expect(() => write(folder, old)).toThrow(/a\.k8s\.yaml' was not written by k3s-cdk/);
});
