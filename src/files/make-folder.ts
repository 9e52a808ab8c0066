import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

export interface MakeFolderOptions {
  /** Mode of created folders, less the umask. @default 0o777 */
  readonly mode?: number;
}

/**
 * Creates a folder and its parents if they are missing. Unlike node's `recursive`, it terminates where the
 * system allows no folders but reports that there is none, as in `/proc`.
 *
 * @throws Error of node
 */
export function makeFolder(path: string, { mode = 0o777 }: MakeFolderOptions = {}): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, { mode });
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have been quicker.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
