import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTree, scratchFolders } from './scratch';
import { SnapshotFiles } from './snapshot-files';

const scratch = scratchFolders();

const texts = {
  'a/dist/same': 'of three\n',
  'a/dist/other': "a's own\n",
  'z/dist/same': 'of three\n',
  'z/dist/again': 'of three\n',
  'z/dist/other': "z's own, no line break at its end",
};

test('a text stands once, in the first example that has it, and lists name the others', () => {
  const files = new SnapshotFiles(scratch(), 'z');
  files.write(texts);
  expect(readTree(files.root)).toEqual({
    'a/dist/other': "a's own\n",
    'a/shared.txt': 'dist/same = z/dist/again\n',
    'z/dist/again': 'of three\n',
    'z/dist/other': "z's own, no line break at its end",
    'z/shared.txt': 'dist/same = z/dist/again\n',
  });
  expect(files.read()).toEqual(texts);
  expect(files.misplaced()).toEqual([]);
});

test('what is gone leaves no file, no line and no folder behind', () => {
  const files = new SnapshotFiles(scratch(), 'z');
  files.write(texts);
  files.write({ 'a/dist/same': 'of three\n' });
  expect(readTree(files.root)).toEqual({ 'a/dist/same': 'of three\n' });
});

test('what a merge leaves in two places, or in none, is reported', () => {
  const files = new SnapshotFiles(scratch(), 'z');
  files.write(texts);
  writeFileSync(join(files.root, 'a/dist/same'), 'of three\n');
  expect(files.read()).toEqual(texts);
  expect(files.misplaced()).toEqual(['a/dist/same']);

  writeFileSync(join(files.root, 'a/shared.txt'), 'dist/lost = z/dist/nowhere\n');
  expect(files.read()).not.toHaveProperty(['a/dist/lost']);
  expect(files.misplaced()).toContain('a/shared.txt');
});

test('there are no texts in a folder that is not there', () => {
  const files = new SnapshotFiles(join(scratch(), 'none'), 'z');
  expect(files.read()).toEqual({});
  mkdirSync(files.root);
  expect(files.misplaced()).toEqual([]);
});
