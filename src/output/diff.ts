import type { FileChange, FileTree } from './file-tree';

/** Sorted by path: what turns `before` into `after`. */
export function diff(before: FileTree, after: FileTree): FileChange[] {
  const changes: FileChange[] = [];
  for (const [path, content] of after) {
    const old = before.get(path);
    if (old === undefined) changes.push({ path, kind: 'added' });
    else if (old !== content) changes.push({ path, kind: 'changed' });
  }
  for (const path of before.keys()) if (!after.has(path)) changes.push({ path, kind: 'removed' });
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}
