import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where a file of the operator's machine is that cluster.yaml names. @param folder of cluster.yaml */
export function operatorFile(folder: string, path: string): string {
  return resolve(folder, expandHome(path));
}

/** `~` as Terraform's `pathexpand` has it. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
