import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { KubeconfigFile } from '../../src/kubeconfig/kubeconfig-file';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('a new file, and its folder, are accessible only by their owner', () => {
  const path = join(scratch(), '.kube', 'config');
  expect(new KubeconfigFile(path).write('new', '1')).toBeUndefined();
  expect([readFileSync(path, 'utf8'), mode(path), mode(join(path, '..'))]).toEqual(['new', '600', '700']);
});

test('what was there before is kept beside it, as private as the new one', () => {
  const path = join(scratch(), 'config');
  writeFileSync(path, 'old', { mode: 0o644 });
  const backup = new KubeconfigFile(path).write('new', '1') ?? '';
  expect([readFileSync(backup, 'utf8'), mode(backup)]).toEqual(['old', '600']);
  expect([readFileSync(path, 'utf8'), mode(path)]).toEqual(['new', '600']);
});

test('nothing new makes no backup, but closes the file to others', () => {
  const folder = scratch();
  const path = join(folder, 'config');
  writeFileSync(path, 'same', { mode: 0o644 });
  expect(new KubeconfigFile(path).write('same', '1')).toBeUndefined();
  expect([readdirSync(folder), mode(path)]).toEqual([['config'], '600']);
});

test('a symbolic link stays one, and what it leads to is written', () => {
  const folder = scratch();
  mkdirSync(join(folder, 'dotfiles'));
  writeFileSync(join(folder, 'dotfiles', 'kube'), 'old');
  const path = join(folder, 'config');
  symlinkSync('dotfiles/kube', path);
  new KubeconfigFile(path).write('new', '1');
  expect([readlinkSync(path), readFileSync(join(folder, 'dotfiles', 'kube'), 'utf8')]).toEqual([
    'dotfiles/kube',
    'new',
  ]);
});

test('while kubectl changes the file it is left alone, and the lock of kubectl stays', () => {
  const folder = scratch();
  const path = join(folder, 'config');
  writeFileSync(path, 'old');
  writeFileSync(`${path}.lock`, '');
  expect(() => new KubeconfigFile(path).write('new', '1')).toThrow('is being changed by kubectl');
  expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['old', ['config', 'config.lock']]);
});

test('a link to nowhere is an error that says so', () => {
  const path = join(scratch(), 'config');
  symlinkSync('dotfiles/kube', path);
  expect(() => new KubeconfigFile(path)).toThrow(
    /config' is a link to 'dotfiles\/kube', which does not exist/,
  );
});
