import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { behindLinks } from '../files/behind-links';
import { makeFolder } from '../files/make-folder';
import { UserError } from '../user-error';
import { diff } from './diff';
import type { FileChange, FileTree } from './file-tree';
import { logical } from './logical-paths';
import type { OutputFolder, PreparedOutput } from './output-folder';

/** Where the stack is below `cdktf.out/`: Terraform runs there. */
export const stackPath = 'stacks/hosts';

/** Written last, by one rename each: the moment from which Terraform sees the new output. */
const commitFiles = ['manifest.json', `${stackPath}/cdk.tf.json`];

/** It has folders named after the hash of their content; whatever else is in it is somebody's own. */
const contentAddressed = `${stackPath}/steps`;
const isContentAddressed = /\.[0-9a-f]{12}$/;

/**
 * `cdktf.out/`: it also holds `.terraform` and the lock file, so it is never replaced as a whole. Files that
 * cdk.tf.json refers to are in folders named by their content: new ones are added beside the old, the rename
 * of cdk.tf.json commits them, and unreferenced ones are removed afterwards.
 */
export class StackFolder implements OutputFolder {
  /** What was there at the first look; thousands of files are not read twice for one synth. */
  private before: FileTree | undefined;
  private readonly made = new Set<string>();

  private readonly folder: string;

  /** @throws Error when it is a link that leads nowhere */
  constructor(folder: string) {
    this.folder = behindLinks(folder);
  }

  changes(tree: FileTree): FileChange[] {
    return diff(logical(this.read(tree)), logical(tree));
  }

  prepare(tree: FileTree): PreparedOutput {
    const before = this.read(tree);
    this.before = undefined;
    const written: string[] = [];
    const next: string[] = [];
    const discard = () => {
      for (const path of next) rmSync(this.nextOf(path), { force: true });
      for (const path of written) if (!before.has(path)) this.remove(path);
    };
    try {
      for (const [path, content] of tree) {
        if (before.get(path) === content) continue;
        const isCommit = commitFiles.includes(path);
        if (isCommit) this.refuseFolder(path);
        (isCommit ? next : written).push(path);
        this.writeFile(isCommit ? this.nextOf(path) : join(this.folder, path), content);
      }
    } catch (error) {
      discard();
      throw error;
    }
    return { commit: () => this.exchange(next, before, tree), discard };
  }

  private exchange(next: readonly string[], before: FileTree, tree: FileTree): void {
    for (const path of commitFiles)
      if (next.includes(path)) renameSync(this.nextOf(path), join(this.folder, path));
    for (const path of before.keys()) if (!tree.has(path)) this.remove(path);
  }

  private nextOf(path: string): string {
    return `${join(this.folder, path)}.next-${process.pid}`;
  }

  private writeFile(path: string, content: string): void {
    const folder = dirname(path);
    if (!this.made.has(folder)) makeFolder(folder);
    this.made.add(folder);
    writeFileSync(path, content);
  }

  /** The rename would fail when the other output is already in effect. */
  private refuseFolder(path: string): void {
    const file = join(this.folder, path);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
      throw new UserError(`'${file}' is a folder where a file is needed: move or delete it, then run again`);
  }

  private remove(path: string): void {
    rmSync(join(this.folder, path), { force: true });
    for (let folder = dirname(path); folder.startsWith(`${contentAddressed}/`); folder = dirname(folder)) {
      const absolute = join(this.folder, folder);
      if (existsSync(absolute) && readdirSync(absolute).length === 0) rmdirSync(absolute);
    }
  }

  /** Our files that are there now; those equal to `expected` as its own texts, which need no decoding. */
  private read(expected: FileTree): FileTree {
    if (this.before) return this.before;
    const files = new Map<string, string>();
    const add = (path: string) => {
      const bytes = readFileSync(join(this.folder, path));
      const text = expected.get(path);
      files.set(path, text !== undefined && bytes.equals(Buffer.from(text)) ? text : bytes.toString('utf8'));
    };
    for (const path of commitFiles)
      if (statSync(join(this.folder, path), { throwIfNoEntry: false })?.isFile()) add(path);
    for (const step of this.stepFolders()) this.eachFileBelow(step, add);
    this.before = files;
    return files;
  }

  private stepFolders(): string[] {
    const absolute = join(this.folder, contentAddressed);
    if (!existsSync(absolute)) return [];
    const names = readdirSync(absolute).filter((name) => isContentAddressed.test(name));
    return names.map((name) => `${contentAddressed}/${name}`);
  }

  private eachFileBelow(folder: string, visit: (path: string) => void): void {
    const absolute = join(this.folder, folder);
    if (!existsSync(absolute)) return;
    for (const entry of readdirSync(absolute, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) this.eachFileBelow(path, visit);
      else if (entry.isFile()) visit(path);
    }
  }
}
