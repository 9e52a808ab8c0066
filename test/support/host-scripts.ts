import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Scripts that run on hosts, by name; each name is there once. */
const paths = new Map(
  ['src/hosts', 'src/roles']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    .filter((path) => /\.(sh|py)$/.test(path))
    .map((path) => [basename(path), path]),
);

export const scriptNames: readonly string[] = [...paths.keys()];

/** @param name `nfs.sh` */
export function scriptPath(name: string): string {
  const path = paths.get(name);
  if (path === undefined) throw new Error(`no role has a script '${name}'`);
  return path;
}

export function scriptText(name: string): string {
  return readFileSync(scriptPath(name), 'utf8');
}
