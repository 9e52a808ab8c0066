import type { FileTree } from './file-tree';

/** A folder named by its content: `k3s.3f2a9c0d1e2b`. */
const contentAddressed = /[^/]+\.[0-9a-f]{12}(?=\/)/;

/**
 * A tree by the paths that people think of, without hashes: a new content is a change, not one file less and one
 * more. Where hosts get different folders for the same step, all but the first are numbered.
 */
export function logical(tree: FileTree): FileTree {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const named = (folder: string) => {
    const known = names.get(folder);
    if (known !== undefined) return known;
    const step = folder.slice(0, folder.lastIndexOf('.'));
    const count = (counts.get(step) ?? 0) + 1;
    const name = count === 1 ? step : `${step}.${count}`;
    counts.set(step, count);
    names.set(folder, name);
    return name;
  };
  // Sorted, so that the numbers do not depend on the order in which a folder is read.
  const paths = [...tree.keys()].sort();
  return new Map(paths.map((path) => [path.replace(contentAddressed, named), tree.get(path) ?? '']));
}
