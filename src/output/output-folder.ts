import type { FileChange, FileTree } from './file-tree';

/** A folder that one output is written to. */
export interface OutputFolder {
  /** What `write` would change. Reads only. */
  changes(tree: FileTree): FileChange[];
  /**
   * Makes the folder hold `tree`, all or nothing: whoever reads it, at any moment and after any crash, finds the
   * old output or the new one. Files that are not ours stay.
   *
   * @throws Error when a file cannot be written; the old output is then untouched.
   */
  write(tree: FileTree): void;
}
