import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../src/files/make-folder';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

test('makes what is missing of a path, with a mode', () => {
  const folder = join(scratch(), 'a', 'b', 'c');
  makeFolder(folder, { mode: 0o700 });
  makeFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

// Node's own `recursive` goes round in circles there.
test.each(['/proc/k3s-cdk/a', '/proc/self/k3s-cdk/b'])('ends where no folder can be made: %s', (path) => {
  expect(() => makeFolder(path)).toThrow(/ENOENT|EACCES|EPERM|EROFS/);
});

test.each([
  ['a file', (path: string) => writeFileSync(path, 'x')],
  ['a link that leads nowhere', (path: string) => symlinkSync('/nowhere', path)],
])('%s in the way is an error, and stays', (_, make) => {
  const path = join(scratch(), 'x');
  make(path);
  expect(() => makeFolder(join(path, 'below'))).toThrow(/EEXIST|ENOTDIR/);
  expect(existsSync(join(path, 'below'))).toBe(false);
});
