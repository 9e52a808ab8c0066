import { basename, dirname, join } from 'node:path';
import { type SnapshotState, snapshotState } from './snapshot-state';

/** The snapshots of each file of a run, by what comes before the names of its tests. */
const filesOfRun = new Map<string, SnapshotState>();

/**
 * For the tests of a file that runs together with others, in a `describe` block of the name `title`: their snapshots lie
 * where they lie when the file is run by itself, under the same names. All is counted as if the run were one file.
 *
 * @param path absolute
 */
export function useSnapshotsOf(path: string, title: string): void {
  const prefix = `${title} `;
  let ofRun: SnapshotState;
  beforeAll(() => {
    ofRun = snapshotState();
    if (filesOfRun.size === 0) joinTo(ofRun);
    const State = ofRun.constructor as new (file: string, options: object) => SnapshotState;
    const ofFile = new State(join(dirname(path), '__snapshots__', `${basename(path)}.snap`), {
      updateSnapshot: ofRun._updateSnapshot,
      prettierPath: ofRun._prettierPath,
      rootDir: ofRun._rootDir,
      snapshotFormat: ofRun.snapshotFormat,
      expand: ofRun.expand,
    });
    const match = ofFile.match.bind(ofFile);
    ofFile.match = (options) => match({ ...options, testName: options.testName.slice(prefix.length) });
    filesOfRun.set(prefix, ofFile);
    use(ofFile);
  });
  afterAll(() => use(ofRun));
}

function use(state: SnapshotState): void {
  expect.setState({ snapshotState: state } as object);
}

/** Has a run's own state answer for those of its files. */
function joinTo(ofRun: SnapshotState): void {
  const files = () => [...filesOfRun.values()];
  const total = (count: (file: SnapshotState) => number) =>
    files().reduce((sum, file) => sum + count(file), 0);
  const counts = ['added', 'matched', 'unmatched', 'updated'] as const;
  for (const count of counts)
    Object.defineProperty(ofRun, count, { get: () => total((file) => file[count]) });
  ofRun.getUncheckedCount = () => total((file) => file.getUncheckedCount());
  ofRun.getUncheckedKeys = () =>
    [...filesOfRun].flatMap(([prefix, file]) => file.getUncheckedKeys().map((key) => prefix + key));
  ofRun.removeUncheckedKeys = () => {
    for (const file of files()) file.removeUncheckedKeys();
  };
  ofRun.markSnapshotsAsCheckedForTest = (name) => {
    for (const [prefix, file] of filesOfRun)
      if (name.startsWith(prefix)) file.markSnapshotsAsCheckedForTest(name.slice(prefix.length));
  };
  ofRun.save = () => {
    const saved = files().map((file) => file.save());
    return { deleted: false, saved: saved.some((file) => file.saved) };
  };
}
