import { basename, join } from 'node:path';
// What it makes is removed when all files have run, not when the first has.
import './project';
import { useSnapshotsOf } from './snapshots-of-file';
import { filesOf } from './test-files';

/** Runs the test files of the folder that `entry`, a file of `test/folders/`, is named after, as one. */
export function runFolder(entry: string): void {
  for (const file of filesOf(basename(entry, '.ts'))) {
    describe(file, () => {
      useSnapshotsOf(join(__dirname, '..', file), file);
      require(`../${file}`);
    });
  }
}
