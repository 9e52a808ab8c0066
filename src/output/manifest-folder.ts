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
import { builtInName, type ManifestWriter, manifestHeader, olderHeader } from './manifest-header';
import type { OutputFolder, PreparedOutput } from './output-folder';

const nothingToDo: PreparedOutput = { commit: () => {}, discard: () => {} };

/** Files that `kubectl apply -f dist` reads. */
const manifests = /^[^/]+\.k8s\.yaml$/;

/** All files, also those in folders. */
export const anyFile = /^/;

/**
 * `dist/`: manifests that `kubectl apply -f dist` reads in one go, those of one writer among others; or `hosts/`, which
 * people read. A complete new folder is created beside it and takes its place by rename, so that a crash can never
 * leave a mixture of both.
 */
export class ManifestFolder implements OutputFolder {
  /** What was there at the first look: it is not read twice for one synth. */
  private before: FileTree | undefined;
  private readonly folder: string;

  /**
   * @param named the paths of files that may be the writer's
   * @throws Error when it is a link that leads nowhere
   */
  constructor(
    folder: string,
    private readonly writer: ManifestWriter = 'synth',
    private readonly named = manifests,
  ) {
    this.folder = behindLinks(folder);
  }

  changes(tree: FileTree): FileChange[] {
    this.before ??= this.read(tree);
    return diff(this.before, tree);
  }

  /** What `kubectl apply -f` reads there, whoever wrote it. */
  everything(): FileTree {
    return new Map(
      this.files(/^[^/]+\.(json|ya?ml)$/).map((name) => [
        name,
        readFileSync(join(this.folder, name), 'utf8'),
      ]),
    );
  }

  prepare(tree: FileTree): PreparedOutput {
    if (this.recover()) this.before = undefined;
    const changes = this.changes(tree);
    const ours = this.before ?? this.read(tree);
    this.before = undefined;
    if (changes.length === 0) return nothingToDo;
    this.refuseForeign(changes);
    const [next, old] = [this.beside('next'), this.beside('old')];
    const discard = () => rmSync(next, { recursive: true, force: true });
    discard();
    try {
      makeFolder(dirname(this.folder));
      mkdirSync(next, { mode: existsSync(this.folder) ? statSync(this.folder).mode : 0o777 });
      linkTree(this.folder, next, (path) => ours.has(path) && tree.get(path) !== ours.get(path));
      for (const [path, content] of tree) {
        if (ours.get(path) === content) continue;
        if (path.includes('/')) mkdirSync(dirname(join(next, path)), { recursive: true });
        writeFileSync(join(next, path), content);
      }
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
  private read(tree: FileTree): FileTree {
    const files = new Map<string, string>();
    for (const name of this.files(this.named)) {
      const content = readFileSync(join(this.folder, name), 'utf8');
      const isOlder =
        this.writer === 'synth' &&
        content.startsWith(olderHeader) &&
        (builtInName.test(name) || tree.has(name));
      if (isOlder || content.startsWith(manifestHeader(this.writer, name))) files.set(name, content);
    }
    return files;
  }

  private files(named: RegExp): string[] {
    if (!existsSync(this.folder)) return [];
    const isFile = (path: string) =>
      statSync(join(this.folder, path), { throwIfNoEntry: false })?.isFile() === true;
    const below = (folder: string): string[] =>
      readdirSync(join(this.folder, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = folder + entry.name;
        if (entry.isDirectory()) return this.named === anyFile ? below(`${path}/`) : [];
        return named.test(path) && (entry.isFile() || isFile(path)) ? [path] : [];
      });
    return below('');
  }

  /** Somebody else's file with the name of a manifest must not be replaced. */
  private refuseForeign(changes: readonly FileChange[]): void {
    for (const { path, kind } of changes) {
      const file = join(this.folder, path);
      if (kind === 'added' && existsSync(file))
        throw new UserError(
          `'${file}' was not written by ${this.writer === 'synth' ? 'k3s-cdk' : 'this program'}: move or delete it, then run again`,
        );
    }
  }

  /** Recovers from a killed run: between the two renames the old folder is the only one. Whether it was. */
  private recover(): boolean {
    const parent = dirname(this.folder);
    if (!existsSync(parent)) return false;
    let restored = false;
    for (const name of readdirSync(parent)) {
      const match = /^\.(.*)\.k3s-cdk-(next|old)-(\d+)$/.exec(name);
      if (match?.[1] !== basename(this.folder) || isRunning(Number(match[3]))) continue;
      if (match[2] === 'old' && !existsSync(this.folder)) {
        renameSync(join(parent, name), this.folder);
        restored = true;
      } else rmSync(join(parent, name), { recursive: true, force: true });
    }
    return restored;
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
