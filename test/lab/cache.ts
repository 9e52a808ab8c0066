import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './paths';

/** Sha256 over the recipe's files and anything else that it depends on, short enough for a file name. */
export function contentKey(files: readonly string[], ...inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of [...files.map((file) => readFileSync(file, 'utf8')), ...inputs]) {
    hash.update(`${part.length}:${part}`);
  }
  return hash.digest('hex').slice(0, 16);
}

export function isCached(name: string): boolean {
  return existsSync(join(cacheDirectory, name));
}

/**
 * Returns the path of the cached file or directory `name`, made by `build` when it is not there yet.
 * `build` gets a path beside it, so that an interrupted build leaves nothing that looks finished.
 */
export async function cached(name: string, build: (path: string) => Promise<void>): Promise<string> {
  const path = join(cacheDirectory, name);
  if (existsSync(path)) return path;
  mkdirSync(cacheDirectory, { recursive: true });
  const unfinished = `${path}.building-${process.pid}`;
  try {
    await build(unfinished);
    // Another lab may have made the same meanwhile; both are equal, so the first one stays.
    if (!existsSync(path)) renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return path;
}
