import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

afterEach(live);

test('names changes by what people know, not by hashes', () => {
  const folder = emptyFolder();
  new StackFolder(folder).write(old);
  expect(new StackFolder(folder).changes(next)).toEqual([
    { path: 'stacks/hosts/cdk.tf.json', kind: 'changed' },
    { path: 'stacks/hosts/steps/k3s/run.sh', kind: 'changed' },
  ]);
});

test('hosts may get different folders for one step: both are kept apart', () => {
  const folder = emptyFolder();
  const both = new Map([...old, ...next]);
  new StackFolder(folder).write(both);
  expect(new StackFolder(folder).changes(both)).toEqual([]);
  expect(new StackFolder(folder).changes(old).map(({ path, kind }) => `${kind} ${path}`)).toContain(
    'removed stacks/hosts/steps/k3s.2/run.sh',
  );
});

test("keeps Terraform's own files and removes step folders that nothing refers to", () => {
  const folder = emptyFolder();
  new StackFolder(folder).write(old);
  mkdirSync(join(folder, 'stacks/hosts/.terraform'));
  writeFileSync(join(folder, 'stacks/hosts/.terraform/x'), 'x');
  writeFileSync(join(folder, 'stacks/hosts/.terraform.lock.hcl'), 'lock');
  new StackFolder(folder).write(next);
  expect(readTree(folder)).toEqual({
    ...Object.fromEntries(next),
    'stacks/hosts/.terraform/x': 'x',
    'stacks/hosts/.terraform.lock.hcl': 'lock',
  });
  expect(existsSync(join(folder, 'stacks/hosts/steps/k3s.111111111111'))).toBe(false);
});

test('repairs a step file that was edited by hand', () => {
  const folder = emptyFolder();
  new StackFolder(folder).write(old);
  writeFileSync(join(folder, 'stacks/hosts/steps/k3s.111111111111/run.sh'), 'edited');
  expect(new StackFolder(folder).changes(old)).toEqual([
    { path: 'stacks/hosts/steps/k3s/run.sh', kind: 'changed' },
  ]);
  new StackFolder(folder).write(old);
  expect(seenByTerraform(folder)).toEqual(expected(old));
});

test('a crash at any moment leaves Terraform with all of the old output or all of the new one', () => {
  let survivedAt = 0;
  for (let step = 1; survivedAt === 0; step += 1) {
    const folder = emptyFolder();
    new StackFolder(folder).write(old);
    dieAt(step);
    try {
      new StackFolder(folder).write(next);
      survivedAt = step;
    } catch {
      live();
      expect([expected(old), expected(next)]).toContainEqual(seenByTerraform(folder));
    }
    live();
    new StackFolder(folder).write(next);
    expect(readTree(folder)).toEqual(Object.fromEntries(next));
  }
  expect(survivedAt).toBeGreaterThan(4);
});
