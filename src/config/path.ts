/** Where something is in the structure of cluster.yaml: `['hosts', 0, 'address']`. */
export type Path = readonly (string | number)[];

/** A path as people write it: `hosts[0].address`. */
export function formatPath(path: Path): string {
  return path
    .map((key, depth) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return depth === 0 ? key : `.${key}`;
    })
    .join('');
}
