import type { FileChange, FileTree } from './file-tree';

/** A folder that one output is written to. */
export interface OutputFolder {
  /** What writing would change. Reads only. */
  changes(tree: FileTree): FileChange[];
  /**
   * Writes `tree` beside what is there, which nobody sees yet. Files that are not ours stay.
   *
   * @throws Error when a file cannot be written; everything is then as it was
   */
  prepare(tree: FileTree): PreparedOutput;
}

/** An output that is there as a whole, and takes effect by renames alone. */
export interface PreparedOutput {
  /**
   * Makes the folder hold it, all or nothing: whoever reads it, at any moment and after any crash, finds the old output
   * or the new one.
   *
   * @throws Error when it cannot; the old output is then untouched
   */
  commit(): void;
  /** Takes it away again. */
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
