import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { diff } from './diff';
import type { FileChange, FileTree } from './file-tree';
import { logical } from './logical-paths';
import type { OutputFolder } from './output-folder';

/** Where the one stack lies below `cdktf.out/`: Terraform runs there. */
export const stackPath = 'stacks/hosts';

/** Written last, by one rename each: the moment from which Terraform sees the new output. */
const commitFiles = ['manifest.json', `${stackPath}/cdk.tf.json`];

/** Below it lie only folders whose names hold the hash of their content. */
const contentAddressed = `${stackPath}/steps`;

/**
 * `cdktf.out/`: it also holds `.terraform` and the lock file, so it is never replaced as a whole. Files that
 * cdk.tf.json refers to lie in folders named by their content: new ones come beside the old, the rename of
 * cdk.tf.json is the commit, and what nobody refers to any more is removed after it.
 */
export class StackFolder implements OutputFolder {
  /** What was there when it was looked at; thousands of files are not read twice for one synth. */
  private before: FileTree | undefined;

  constructor(private readonly folder: string) {}

  changes(tree: FileTree): FileChange[] {
    return diff(logical(this.read(tree)), logical(tree));
  }

  write(tree: FileTree): void {
    const before = this.read(tree);
    this.before = undefined;
    const made = new Set<string>();
    for (const [path, content] of tree) {
      if (commitFiles.includes(path) || before.get(path) === content) continue;
      const folder = dirname(path);
      if (!made.has(folder)) mkdirSync(join(this.folder, folder), { recursive: true });
      made.add(folder);
      writeFileSync(join(this.folder, path), content);
    }
    for (const path of commitFiles) {
      const content = tree.get(path);
      if (content !== undefined && before.get(path) !== content) this.replace(path, content);
    }
    for (const path of before.keys()) if (!tree.has(path)) this.remove(path);
  }

  private replace(path: string, content: string): void {
    const target = join(this.folder, path);
    const next = `${target}.next-${process.pid}`;
    mkdirSync(dirname(target), { recursive: true });
    try {
      writeFileSync(next, content);
      renameSync(next, target);
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    }
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
    for (const path of commitFiles) if (existsSync(join(this.folder, path))) add(path);
    this.eachFileBelow(contentAddressed, add);
    this.before = files;
    return files;
  }

  private eachFileBelow(folder: string, visit: (path: string) => void): void {
    const absolute = join(this.folder, folder);
    if (!existsSync(absolute)) return;
    for (const entry of readdirSync(absolute, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) this.eachFileBelow(path, visit);
      else visit(path);
    }
  }
}
