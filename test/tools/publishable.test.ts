import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scripts } from '../../package.json';
import { missing } from '../../tools/build/publishable.js';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

const complete = {
  'package.json':
    '{ "version": "1.2.3", "repository": "forge:ada/k3s-cdk", "bugs": "https://forge.example/issues" }',
  'CHANGELOG.md': '# k3s-cdk\n\n## 1.2.3\n\nBetter.\n',
  'README.md': 'npm install --global k3s-cdk\n',
  '.github/CODEOWNERS': '* @ada\n',
  '.changeset/config.json': '{}',
};

/** A folder that can be published, but for what is given; without the files that are undefined. */
function folderWith(changes: Record<string, string | undefined>): string {
  const folder = scratch();
  for (const name of ['.github', '.changeset']) mkdirSync(join(folder, name));
  for (const [name, text] of Object.entries({ ...complete, ...changes })) {
    writeFileSync(join(folder, name), text ?? '');
    if (text === undefined) rmSync(join(folder, name));
  }
  return folder;
}

test.each<[string, Record<string, string | undefined>, string[]]>([
  ['a complete package', {}, []],
  [
    'one without addresses',
    { 'package.json': '{ "version": "1.2.3" }' },
    ["package.json has no 'repository'", "package.json has no 'bugs'"],
  ],
  ['one without owners', { '.github/CODEOWNERS': undefined }, ['.github/CODEOWNERS names nobody']],
  [
    'one whose owners are a comment',
    { '.github/CODEOWNERS': '# * @ada\n' },
    ['.github/CODEOWNERS names nobody'],
  ],
  [
    'one whose changes are not in the changelog',
    { '.changeset/new.md': 'New.' },
    [".changeset/ has what CHANGELOG.md does not: run 'npm run release' (new.md)"],
  ],
  ['one whose version is not', { 'CHANGELOG.md': '## 1.2.2\n' }, ['CHANGELOG.md has no part for 1.2.3']],
  [
    'one whose page says otherwise',
    { 'README.md': 'No package registry has it yet.\n' },
    ['README.md says that no registry has the package'],
  ],
])('of %s, what is missing is named before npm publishes', (_, changes, expected) => {
  expect(missing(folderWith(changes))).toEqual(expected);
});

test('npm publishes nothing while something is missing', () => {
  const problems = missing('.');
  const { status, stderr } = spawnSync(scripts.prepublishOnly, { shell: true, encoding: 'utf8' });
  expect(stderr).toBe(problems.map((problem) => `error: ${problem}\n`).join(''));
  expect(status).toBe(problems.length > 0 ? 1 : 0);
});
