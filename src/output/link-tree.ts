import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * Fills `to` with the contents of `from`, by hard links (copies if the file system has none), except the
 * top-level entries in `skip`.
 */
export function linkTree(from: string, to: string, skip: (name: string) => boolean = () => false): void {
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) {
    if (skip(name)) continue;
    const [source, target] = [join(from, name), join(to, name)];
    const stat = lstatSync(source);
    if (stat.isDirectory()) {
      mkdirSync(target, { mode: stat.mode });
      linkTree(source, target);
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
