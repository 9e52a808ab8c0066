import { createHash } from 'node:crypto';
import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { writeFile } from './here-document';

/** Texts by file name. */
export type Files = Readonly<Record<string, string>>;

/** Name of the map among the stack's locals. */
const local = 'step_files';

const perStack = new WeakMap<TerraformStack, StepFolders>();

/**
 * The folders that steps upload to hosts, below `steps/` of the stack. A folder is named by the hash of its content: equal
 * folders of a thousand hosts are one, and new ones never overwrite what the last output refers to.
 */
export class StepFolders {
  private readonly files = new Map<string, string>();
  /** Constructs of one role share one `Files` object; its hash is computed once. */
  private readonly known = new Map<string, WeakMap<Files, string>>();

  static of(scope: IConstruct): StepFolders {
    const stack = TerraformStack.of(scope);
    const folders = perStack.get(stack) ?? new StepFolders();
    perStack.set(stack, folders);
    return folders;
  }

  /** Adds a folder and returns its name: `database.3f2a…`. */
  add(step: string, files: Files): string {
    const ofStep = this.known.get(step) ?? new WeakMap<Files, string>();
    this.known.set(step, ofStep);
    const name = ofStep.get(files) ?? `${step}.${hashOf(files).slice(0, 12)}`;
    if (!ofStep.has(files)) {
      ofStep.set(files, name);
      for (const file of Object.keys(files).sort()) this.files.set(`${name}/${file}`, files[file] ?? '');
    }
    return name;
  }

  /** Commands that write the files of a folder; a Terraform expression. */
  static expression(folder: string): string {
    return `\${local.${local}["${folder}"]}`;
  }

  /** What these expressions refer to: Terraform reads each file once, not once per host. */
  locals(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    const commands: Record<string, string> = {};
    for (const [path, text] of this.files) {
      const [folder = '', name = ''] = path.split('/');
      const command = writeFile(name, text, `\${file("\${path.module}/steps/${path}")}`);
      commands[folder] = folder in commands ? `${commands[folder]}\n${command}` : command;
    }
    return { [local]: commands };
  }

  /** All files by their path below `steps/`. */
  all(): ReadonlyMap<string, string> {
    return this.files;
  }
}

/** sha256 of names and contents, independent of the order they were given in. */
export function hashOf(files: Files): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(files).sort()) hash.update(`${name}\0${files[name]}\0`);
  return hash.digest('hex');
}
