import type { FileChange, FileTree } from './file-tree';

/** A folder that one output is written to. */
export interface OutputFolder {
  /** What writing would change. Reads only. */
  changes(tree: FileTree): FileChange[];
  /**
   * Writes `tree` beside the existing files, not visible yet. Files that are not ours stay.
   *
   * @throws Error when a file cannot be written; everything is then as it was
   */
  prepare(tree: FileTree): PreparedOutput;
}

/** An output that is completely written, and takes effect by renames alone. */
export interface PreparedOutput {
  /**
   * Puts it into effect atomically: readers, at any moment and after any crash, find either the old output or
   * the new one.
   *
   * @throws Error when it cannot; the old output is then untouched
   */
  commit(): void;
  /** Discards it. */
  discard(): void;
}

/** Writes several outputs: all of them, or none when one of them cannot be written. */
export function writeAll(
  outputs: readonly { readonly output: OutputFolder; readonly tree: FileTree }[],
): void {
  const prepared: PreparedOutput[] = [];
  try {
    for (const { output, tree } of outputs) prepared.push(output.prepare(tree));
    for (const { commit } of prepared) commit();
  } catch (error) {
    for (const { discard } of prepared) discard();
    throw error;
  }
}
