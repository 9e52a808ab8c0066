import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unfinishedRuns } from '../../src/hosts/unfinished-runs';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

/** What the trigger's expression takes the count of a step for, after a sequence of begins and ends. */
function countAfter(...sequence: readonly ('begin' | 'end')[]): string {
  const project = scratch();
  const runs = unfinishedRuns(project, 'lab.tfstate.unfinished', 'server1_k3s');
  for (const each of sequence)
    execFileSync('sh', ['-ec', runs[each].command], { cwd: runs[each].workingDir });
  const file = join(project, 'lab.tfstate.unfinished', 'server1_k3s');
  expect(runs.trigger).toBe(`\${trimspace(try(file("${file}"), "0"))}`);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '0';
}

test('a run that ends leaves the count as it was, so that nothing runs again', () => {
  expect(countAfter()).toBe('0');
  expect(countAfter('begin', 'end')).toBe('0');
  expect(countAfter('begin', 'begin', 'end')).toBe(countAfter('begin'));
});

test('a run that does not end changes the count, whatever it was', () => {
  expect(countAfter('begin')).toBe('1');
  expect(countAfter('begin', 'begin')).toBe('2');
  expect(countAfter('begin', 'begin', 'end', 'begin')).toBe('2');
});
