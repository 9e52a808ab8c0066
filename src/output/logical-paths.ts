import type { FileTree } from './file-tree';

/** A folder named by its content, and a file in it: `steps/k3s.3f2a9c0d1e2b/`, `run.sh`. */
const contentAddressed = /^(.*\/)?([^/]+)\.[0-9a-f]{12}\/(.*)$/s;

interface File {
  readonly name: string;
  readonly text: string;
}

/**
 * A tree by logical paths without hashes, so that new content is a change, not a removed and an added file.
 * If hosts get different folders for the same step, all but the first are numbered.
 */
export function logical(tree: FileTree): FileTree {
  const plain: [string, string][] = [];
  const steps = new Map<string, Map<string, File[]>>();
  for (const [path, text] of tree) {
    const [, parent = '', step, name] = contentAddressed.exec(path) ?? [];
    if (step === undefined || name === undefined) {
      plain.push([path, text]);
      continue;
    }
    const folders = steps.get(parent + step) ?? new Map<string, File[]>();
    steps.set(parent + step, folders);
    const folder = path.slice(0, path.length - name.length);
    folders.set(folder, [...(folders.get(folder) ?? []), { name, text }]);
  }
  const numbered = [...steps].flatMap(([step, folders]) =>
    [...folders.values()].sort(byContent).flatMap((files, index) => {
      const folder = index === 0 ? step : `${step}.${index + 1}`;
      return files.map(({ name, text }): [string, string] => [`${folder}/${name}`, text]);
    }),
  );
  return new Map([...plain, ...numbered]);
}

/**
 * Sorted by what distinguishes the folders of a step: not by their scripts, which are the same and change
 * most.
 */
function byContent(a: readonly File[], b: readonly File[]): number {
  const [left, right] = [a, b].map((files) =>
    files
      .map(({ name, text }) => (name.endsWith('.sh') ? name : `${name}\0${text}`))
      .sort()
      .join('\0'),
  );
  return (left ?? '') < (right ?? '') ? -1 : 1;
}
