import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

/** What the linter of prose says of a file, without its folder. */
function findings(name: string, text: string): string[] {
  const folder = scratch();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, text);
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'tools/lint-prose.ts', file], {
    encoding: 'utf8',
  });
  const lines = stderr.split('\n').filter((line) => line !== '');
  expect(status).toBe(lines.length === 0 ? 0 : 1);
  return lines.map((line) => line.replace(`${folder}/`, ''));
}

test('the linter of prose sees words and long lines of a page, and neither in code nor in tables', () => {
  const long = `${'word '.repeat(24)}word`;
  const page = [
    ...['# A page', '', '`status` tells what is wrong with Github.', '', long, ''],
    ...['    it tells what is in code', '', `| a | ${long} |`, '| --- | --- |', '| `b` | `tells` |', ''],
    ...['- It can be told to stop, and one thing from another.', ''],
  ];
  expect(findings('page.md', page.join('\n'))).toEqual([
    'page.md:3:10: Incorrect term: “tells”, use “reports, says, shows or names” instead',
    'page.md:3:35: Incorrect term: “Github”, use “GitHub” instead',
    'page.md:5:1: line of 124 characters, at most 120 are allowed',
  ]);
});

test('the linter of prose sees comments and messages of programs, at their lines, and no other texts', () => {
  const typescript = [
    '// This comment is a file of ours.',
    "const key = 'tells'; // biome-ignore lint: tells",
    'throw new Error(`${key}: a file of ours is missing`);',
  ];
  expect(findings('a.ts', typescript.join('\n'))).toEqual([
    expect.stringContaining('a.ts:1:'),
    expect.stringContaining('a.ts:3:'),
  ]);
  const script = [
    '# shellcheck disable=SC2034 # tells',
    '# a file of ours',
    'x=$(y "a file of ours")',
    'fatal "the disk tells no more"',
  ];
  expect(findings('a.sh', script.join('\n'))).toEqual([
    expect.stringContaining('a.sh:2:'),
    expect.stringContaining('a.sh:4:'),
  ]);
});
