import type { SnapshotFiles } from './snapshot-files';
import { snapshotState } from './snapshot-state';

/** A text that its snapshot holds as it is, without quotes. */
export class PlainText {
  constructor(readonly text: string) {}
}

/**
 * Has the snapshots of the calling test file kept in plain files, to be read in a review, instead of one `.snap`. All
 * else is jest's: `toMatchSnapshot`, `-u`, `--ci`, the counts, and those that are obsolete. A snapshot is named as its
 * test, which takes one of a `PlainText` at most.
 */
export function keepSnapshotsIn(files: SnapshotFiles): void {
  expect.addSnapshotSerializer({
    test: (value) => value instanceof PlainText,
    serialize: ({ text }: PlainText) => text,
  });

  beforeAll(() => {
    const state = snapshotState();
    state._snapshotPath = files.root;
    for (const [path, text] of Object.entries(files.read())) {
      state._snapshotData[`${path} 1`] = serialized(text);
      state._uncheckedKeys.add(`${path} 1`);
    }
    for (const path of files.misplaced()) state._uncheckedKeys.add(`file ${path} 1`);
    state.save = () => {
      const saved = state._updateSnapshot !== 'none';
      if (saved) files.write(textsOf(state._snapshotData));
      return { deleted: false, saved };
    };
  });
}

function textsOf(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key.replace(/ 1$/, ''), deserialized(value)]),
  );
}

/** Jest stores texts of several lines with a line break around them. */
function serialized(text: string): string {
  return text.includes('\n') ? `\n${text}\n` : text;
}

function deserialized(value: string): string {
  return value.includes('\n') ? value.slice(1, -1) : value;
}
