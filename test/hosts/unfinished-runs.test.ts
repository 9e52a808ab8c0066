import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { unfinishedRuns } from '../../src/hosts/unfinished-runs';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

const name = 'lab.tfstate.unfinished/server1_k3s';

/** What the trigger's expression takes the count of a step for, after a sequence of begins and ends. */
function countAfter(sequence: readonly ('begin' | 'end')[], before?: string): string {
  const project = scratch();
  const file = join(project, name);
  if (before !== undefined) {
    mkdirSync(dirname(file));
    writeFileSync(file, before);
  }
  const runs = unfinishedRuns(project, dirname(name), basename(name));
  // The shell of the operator's machine, which may be bash.
  for (const each of sequence)
    execFileSync('bash', ['-c', runs[each].command], { cwd: runs[each].workingDir, stdio: 'pipe' });
  expect(readdirSync(project)).toEqual(sequence.length > 0 || before !== undefined ? [dirname(name)] : []);
  const [, pattern = ''] = /^\$\{try\(regex\("([^"]*)", trimspace\(file\("/.exec(runs.trigger) ?? [];
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return new RegExp(pattern).exec(text)?.[0] ?? '0';
}

test('a run that ends leaves the count as it was, so that nothing runs again', () => {
  expect(countAfter([])).toBe('0');
  expect(countAfter(['begin', 'end'])).toBe('0');
  expect(countAfter(['begin', 'begin', 'end'])).toBe(countAfter(['begin']));
});

test('a run that does not end changes the count, whatever it was', () => {
  expect(countAfter(['begin'])).toBe('1');
  expect(countAfter(['begin', 'begin'])).toBe('2');
  expect(countAfter(['begin', 'begin', 'end', 'begin'])).toBe('2');
});

test.each(['a[$(touch pwned)]', '$(touch pwned)', '08', '-1', '', '1'.repeat(9000), '1\n2', 'x'])(
  'a file with %j is no count: nothing of it runs',
  (text) => {
    expect(countAfter([], text)).toBe('0');
    expect(countAfter(['begin'], text)).toBe('1');
    expect(countAfter(['begin', 'end'], text)).toBe('0');
    expect(countAfter(['end'], text)).toBe('0');
  },
);
