/** What jest's SnapshotState keeps to itself, as in jest 30; `snapshots.programs.test.ts` tries out what is done with it. */
export interface SnapshotState {
  _snapshotData: Record<string, string>;
  _snapshotPath: string;
  readonly _uncheckedKeys: Set<string>;
  readonly _updateSnapshot: 'all' | 'new' | 'none';
  readonly _prettierPath: string | null;
  readonly _rootDir: string;
  readonly snapshotFormat: object;
  readonly expand: boolean;
  readonly added: number;
  readonly matched: number;
  readonly unmatched: number;
  readonly updated: number;
  match(options: { readonly testName: string }): unknown;
  save(): { readonly deleted: boolean; readonly saved: boolean };
  getUncheckedCount(): number;
  getUncheckedKeys(): string[];
  removeUncheckedKeys(): void;
  markSnapshotsAsCheckedForTest(testName: string): void;
}

/** Where the snapshots of the tests that run now are looked up and counted. */
export function snapshotState(): SnapshotState {
  return (expect.getState() as unknown as { snapshotState: SnapshotState }).snapshotState;
}
