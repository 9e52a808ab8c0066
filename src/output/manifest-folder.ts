import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { behindLinks } from '../files/behind-links';
import { makeFolder } from '../files/make-folder';
import { UserError } from '../user-error';
import { diff } from './diff';
import type { FileChange, FileTree } from './file-tree';
import { linkTree } from './link-tree';
import { manifestHeader } from './manifest-header';
import type { OutputFolder, PreparedOutput } from './output-folder';

const nothingToDo: PreparedOutput = { commit: () => {}, discard: () => {} };

/**
 * `dist/`: manifests that `kubectl apply -f dist` reads in one go. A complete new folder is created beside it
 * and takes its place by rename, so that a crash can never leave a mixture of both.
 */
export class ManifestFolder implements OutputFolder {
  private readonly folder: string;

  /** @throws Error when it is a link that leads nowhere */
  constructor(folder: string) {
    this.folder = behindLinks(folder);
  }

  changes(tree: FileTree): FileChange[] {
    return diff(this.read(), tree);
  }

  prepare(tree: FileTree): PreparedOutput {
    this.recover();
    const changes = this.changes(tree);
    if (changes.length === 0) return nothingToDo;
    this.refuseForeign(changes);
    const [next, old] = [this.beside('next'), this.beside('old')];
    const discard = () => rmSync(next, { recursive: true, force: true });
    discard();
    try {
      makeFolder(dirname(this.folder));
      mkdirSync(next, { mode: existsSync(this.folder) ? statSync(this.folder).mode : 0o777 });
      const ours = this.read();
      linkTree(this.folder, next, (path) => ours.has(path) && tree.get(path) !== ours.get(path));
      for (const [path, content] of tree)
        if (ours.get(path) !== content) writeFileSync(join(next, path), content);
    } catch (error) {
      discard();
      throw error;
    }
    return { commit: () => this.exchange(next, old), discard };
  }

  private exchange(next: string, old: string): void {
    if (existsSync(this.folder)) this.moveAway(old);
    renameSync(next, this.folder);
    rmSync(old, { recursive: true, force: true });
  }

  private moveAway(old: string): void {
    try {
      renameSync(this.folder, old);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
      throw new UserError(
        `'${this.folder}' is a mount point, which cannot be exchanged for a new folder: mount the folder above it instead`,
      );
    }
  }

  /** A name that nobody else uses for a folder: `dist.old-2026` may be somebody's copy. */
  private beside(kind: 'next' | 'old'): string {
    return join(dirname(this.folder), `.${basename(this.folder)}.k3s-cdk-${kind}-${process.pid}`);
  }

  /** Our manifests that are there now. */
  private read(): FileTree {
    const files = new Map<string, string>();
    if (!existsSync(this.folder)) return files;
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      if (!name.endsWith('.k8s.yaml') || !statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
      const content = readFileSync(path, 'utf8');
      if (content.startsWith(manifestHeader)) files.set(name, content);
    }
    return files;
  }

  /** Somebody else's file with the name of a manifest must not be replaced. */
  private refuseForeign(changes: readonly FileChange[]): void {
    for (const { path, kind } of changes) {
      const file = join(this.folder, path);
      if (kind === 'added' && existsSync(file))
        throw new UserError(`'${file}' was not written by k3s-cdk: move or delete it, then run again`);
    }
  }

  /** Recovers from a killed run: between the two renames the old folder is the only one. */
  private recover(): void {
    const parent = dirname(this.folder);
    if (!existsSync(parent)) return;
    for (const name of readdirSync(parent)) {
      const match = /^\.(.*)\.k3s-cdk-(next|old)-(\d+)$/.exec(name);
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
