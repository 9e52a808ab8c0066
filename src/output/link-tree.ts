import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * Fills `to` with the contents of `from`, by hard links (copies if the file system has none), except the files in
 * `skip`, by their paths below it, and folders that have nothing else.
 */
export function linkTree(from: string, to: string, skip: (path: string) => boolean = () => false): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) {
    if (skip(name)) continue;
    const [source, target] = [join(from, name), join(to, name)];
    const stat = lstatSync(source);
    if (stat.isDirectory()) {
      mkdirSync(target, { mode: stat.mode });
      linkTree(source, target, (path) => skip(`${name}/${path}`));
      if (readdirSync(target).length === 0 && readdirSync(source).length > 0) rmdirSync(target);
    } else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
