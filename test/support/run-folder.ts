import { basename } from 'node:path';
// What it makes is removed when all files have run, not when the first has.
import './project';
import { filesOf } from './test-files';

/** Runs the test files of the folder that `entry`, a file of `test/folders/`, is named after, as one. */
export function runFolder(entry: string): void {
  for (const file of filesOf(basename(entry, '.ts'))) {
    describe(file, () => {
      require(`../${file}`);
    });
  }
}
