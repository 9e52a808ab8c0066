import type { SnapshotFiles } from './snapshot-files';

/** What jest's SnapshotState does not show of itself, as in jest 30; `plain-snapshots.programs.test.ts` tries it out. */
interface SnapshotState {
  _snapshotData: Record<string, string>;
  _snapshotPath: string;
  readonly _uncheckedKeys: Set<string>;
  readonly _updateSnapshot: 'all' | 'new' | 'none';
  save(): { readonly deleted: boolean; readonly saved: boolean };
}

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
    const { snapshotState } = expect.getState() as unknown as { snapshotState: SnapshotState };
    snapshotState._snapshotPath = files.root;
    for (const [path, text] of Object.entries(files.read())) {
      snapshotState._snapshotData[`${path} 1`] = serialized(text);
      snapshotState._uncheckedKeys.add(`${path} 1`);
    }
    for (const path of files.misplaced()) snapshotState._uncheckedKeys.add(`file ${path} 1`);
    snapshotState.save = () => {
      const saved = snapshotState._updateSnapshot !== 'none';
      if (saved) files.write(textsOf(snapshotState._snapshotData));
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
