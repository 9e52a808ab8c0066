import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAll } from '../../src/output/output-folder';
import { StackFolder } from '../../src/output/stack-folder';
import { dieAt, live } from '../support/failing-fs';
import { readTree, scratchFolders } from '../support/scratch';

jest.mock('node:fs', () =>
  jest.requireActual<typeof import('../support/failing-fs')>('../support/failing-fs').failingFs(),
);

const scratch = scratchFolders();
const emptyFolder = () => join(scratch(), 'out');

/** A stack that refers to one folder of step files. */
const stack = (hash: string, text: string) =>
  new Map([
    ['manifest.json', '{}'],
    ['stacks/hosts/cdk.tf.json', `{ "uses": "steps/k3s.${hash}" }`],
    [`stacks/hosts/steps/k3s.${hash}/run.sh`, text],
    [`stacks/hosts/steps/k3s.${hash}/lib.sh`, 'lib'],
  ]);
const old = stack('111111111111', 'old');
const next = stack('222222222222', 'new');

/** What Terraform would read: cdk.tf.json and the files that it refers to. */
function seenByTerraform(folder: string): Record<string, string> {
  const json = readFileSync(join(folder, 'stacks/hosts/cdk.tf.json'), 'utf8');
  const used = /steps\/[^"]+/.exec(json)?.[0] ?? '';
  return { json, ...readTree(join(folder, 'stacks/hosts', used)) };
}

const expected = (tree: ReadonlyMap<string, string>) => ({
  json: tree.get('stacks/hosts/cdk.tf.json'),
  'lib.sh': 'lib',
  'run.sh': [...tree].find(([path]) => path.endsWith('run.sh'))?.[1],
});

const write = (folder: string, tree: ReadonlyMap<string, string>) =>
  writeAll([{ output: new StackFolder(folder), tree }]);

afterEach(live);

test('names changes by what people know, not by hashes', () => {
  const folder = emptyFolder();
  write(folder, old);
  expect(new StackFolder(folder).changes(next)).toEqual([
    { path: 'stacks/hosts/cdk.tf.json', kind: 'changed' },
    { path: 'stacks/hosts/steps/k3s/run.sh', kind: 'changed' },
  ]);
});

test("leaves what it did not write, also among the steps' folders", () => {
  const folder = emptyFolder();
  write(folder, old);
  const own = [
    'stacks/hosts/steps/notes.txt',
    'stacks/hosts/steps/mine/run.sh',
    'stacks/hosts/mine.tf',
    'mine.json',
  ];
  mkdirSync(join(folder, 'stacks/hosts/steps/mine'));
  for (const path of own) writeFileSync(join(folder, path), 'mine');
  write(folder, next);
  expect(Object.keys(readTree(folder)).sort()).toEqual([...own, ...next.keys()].sort());
});

test('hosts may get different folders for one step: both are kept apart', () => {
  const folder = emptyFolder();
  const both = new Map([...old, ...next]);
  write(folder, both);
  expect(new StackFolder(folder).changes(both)).toEqual([]);
  expect(new StackFolder(folder).changes(old).map(({ path, kind }) => `${kind} ${path}`)).toContain(
    'removed stacks/hosts/steps/k3s.2/run.sh',
  );
});

test("keeps Terraform's own files and removes step folders that nothing refers to", () => {
  const folder = emptyFolder();
  write(folder, old);
  mkdirSync(join(folder, 'stacks/hosts/.terraform'));
  writeFileSync(join(folder, 'stacks/hosts/.terraform/x'), 'x');
  writeFileSync(join(folder, 'stacks/hosts/.terraform.lock.hcl'), 'lock');
  write(folder, next);
  expect(readTree(folder)).toEqual({
    ...Object.fromEntries(next),
    'stacks/hosts/.terraform/x': 'x',
    'stacks/hosts/.terraform.lock.hcl': 'lock',
  });
  expect(existsSync(join(folder, 'stacks/hosts/steps/k3s.111111111111'))).toBe(false);
});

test('repairs a manually edited step file', () => {
  const folder = emptyFolder();
  write(folder, old);
  writeFileSync(join(folder, 'stacks/hosts/steps/k3s.111111111111/run.sh'), 'edited');
  expect(new StackFolder(folder).changes(old)).toEqual([
    { path: 'stacks/hosts/steps/k3s/run.sh', kind: 'changed' },
  ]);
  write(folder, old);
  expect(seenByTerraform(folder)).toEqual(expected(old));
});

test('a crash at any moment leaves Terraform with all of the old output or all of the new one', () => {
  let survivedAt = 0;
  for (let step = 1; survivedAt === 0; step += 1) {
    const folder = emptyFolder();
    write(folder, old);
    dieAt(step);
    try {
      write(folder, next);
      survivedAt = step;
    } catch {
      live();
      expect([expected(old), expected(next)]).toContainEqual(seenByTerraform(folder));
    }
    live();
    write(folder, next);
    expect(readTree(folder)).toEqual(Object.fromEntries(next));
  }
  expect(survivedAt).toBeGreaterThan(4);
});

test('what cannot be written leaves the old output, and nothing of the new one', () => {
  const folder = emptyFolder();
  write(folder, old);
  const blocked = new Map([
    ...next,
    ['stacks/hosts/steps/k3s.222222222222/run.sh/below', 'a file is in the way'],
  ]);
  expect(() => write(folder, blocked)).toThrow(/ENOTDIR|EEXIST/);
  expect(readTree(folder)).toEqual(Object.fromEntries(old));
});

test('a folder where cdk.tf.json belongs is an error before anything is written', () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'stacks/hosts/cdk.tf.json'), { recursive: true });
  expect(() => write(folder, next)).toThrow(/cdk\.tf\.json' is a folder where a file is needed/);
  expect(readTree(folder)).toEqual({});
});
