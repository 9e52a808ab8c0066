import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { diff } from './diff';
import type { FileChange, FileTree } from './file-tree';
import { ForeignFileError } from './foreign-file-error';
import { linkTree } from './link-tree';
import { manifestHeader } from './manifest-header';
import type { OutputFolder } from './output-folder';

/**
 * `dist/`: manifests that `kubectl apply -f dist` reads in one go. A complete new folder is made beside it and
 * takes its place by rename, so that a crash half-way can never leave some files of each.
 */
export class ManifestFolder implements OutputFolder {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = existsSync(folder) ? realpathSync(folder) : folder;
  }

  changes(tree: FileTree): FileChange[] {
    return diff(this.read(), tree);
  }

  write(tree: FileTree): void {
    this.recover();
    const changes = this.changes(tree);
    if (changes.length === 0) return;
    this.refuseForeign(changes);
    const next = `${this.folder}.next-${process.pid}`;
    const old = `${this.folder}.old-${process.pid}`;
    try {
      rmSync(next, { recursive: true, force: true });
      mkdirSync(next, {
        recursive: true,
        mode: existsSync(this.folder) ? statSync(this.folder).mode : 0o777,
      });
      const ours = this.read();
      linkTree(this.folder, next, (path) => ours.has(path) && tree.get(path) !== ours.get(path));
      for (const [path, content] of tree)
        if (ours.get(path) !== content) writeFileSync(join(next, path), content);
    } catch (error) {
      rmSync(next, { recursive: true, force: true });
      throw error;
    }
    if (existsSync(this.folder)) renameSync(this.folder, old);
    renameSync(next, this.folder);
    rmSync(old, { recursive: true, force: true });
  }

  /** Our manifests that are there now. */
  private read(): FileTree {
    const files = new Map<string, string>();
    if (!existsSync(this.folder)) return files;
    for (const name of readdirSync(this.folder)) {
      if (!name.endsWith('.k8s.yaml')) continue;
      const content = readFileSync(join(this.folder, name), 'utf8');
      if (content.startsWith(manifestHeader)) files.set(name, content);
    }
    return files;
  }

  /** A file of somebody else's that has the name of one of ours is not ours to replace. */
  private refuseForeign(changes: readonly FileChange[]): void {
    for (const { path, kind } of changes) {
      const file = join(this.folder, path);
      if (kind === 'added' && existsSync(file)) throw new ForeignFileError(file);
    }
  }

  /** Puts things right after a run that was killed: between the two renames the old folder is the only one. */
  private recover(): void {
    const parent = dirname(this.folder);
    if (!existsSync(parent)) return;
    for (const name of readdirSync(parent)) {
      const match = /^(.*)\.(next|old)-(\d+)$/.exec(name);
      if (match?.[1] !== basename(this.folder) || isRunning(Number(match[3]))) continue;
      if (match[2] === 'old' && !existsSync(this.folder)) renameSync(join(parent, name), this.folder);
      else rmSync(join(parent, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
