import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where a file on the operator's machine is that cluster.yaml refers to. @param folder of cluster.yaml */
export function operatorFile(folder: string, path: string): string {
  return resolve(folder, expandHome(path));
}

/** `~` as in Terraform's `pathexpand`. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
