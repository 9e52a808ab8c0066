import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readTree } from './scratch';

/** Beside the texts of an example: those that stand elsewhere, `path = example/path`. */
const sharedList = 'shared.txt';

type Texts = Readonly<Record<string, string>>;

/**
 * Texts of several examples, by `example/path`, and the files that hold them: a text that is there more than once
 * stands once, where it comes first, and a list in each example names the others.
 */
export class SnapshotFiles {
  /**
   * @param root the folder of the files
   * @param first the example whose texts come first; the others follow by name
   */
  constructor(
    readonly root: string,
    private readonly first: string,
  ) {}

  /** The texts that the files say. */
  read(): Texts {
    const files = readTree(this.root);
    const texts: Record<string, string> = {};
    for (const [path, text] of Object.entries(files)) {
      if (basename(path) !== sharedList) {
        texts[path] = text;
        continue;
      }
      for (const [, alias = '', place = ''] of text.matchAll(/^(.+) = (.+)$/gm)) {
        const shared = files[place];
        if (shared !== undefined) texts[join(dirname(path), alias)] ??= shared;
      }
    }
    return texts;
  }

  /** Paths of files that are not as `write` would leave them: by hand, or from a merge. */
  misplaced(): string[] {
    const right = this.place(this.read());
    return Object.entries(readTree(this.root))
      .filter(([path, text]) => right[path] !== text)
      .map(([path]) => path);
  }

  /** Makes the files say these texts and nothing else. */
  write(texts: Texts): void {
    const right = this.place(texts);
    const now = readTree(this.root);
    for (const path of Object.keys(now)) if (!(path in right)) this.remove(path);
    for (const [path, text] of Object.entries(right)) {
      if (now[path] === text) continue;
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
  }

  private place(texts: Texts): Texts {
    const places = new Map<string, string>();
    const files: Record<string, string> = {};
    for (const [path, text] of Object.entries(texts).sort(([a], [b]) => this.compare(a, b))) {
      const place = places.get(text);
      if (place === undefined) {
        places.set(text, path);
        files[path] = text;
      } else {
        const [example = '', ...rest] = path.split('/');
        const list = `${example}/${sharedList}`;
        files[list] = `${files[list] ?? ''}${rest.join('/')} = ${place}\n`;
      }
    }
    return files;
  }

  private compare(a: string, b: string): number {
    const [isFirst, isOtherFirst] = [a, b].map((path) => path.startsWith(`${this.first}/`));
    if (isFirst !== isOtherFirst) return isFirst ? -1 : 1;
    return a < b ? -1 : 1;
  }

  private remove(path: string): void {
    rmSync(join(this.root, path));
    let folder = dirname(join(this.root, path));
    while (folder !== this.root && existsSync(folder) && readdirSync(folder).length === 0) {
      rmSync(folder, { recursive: true });
      folder = dirname(folder);
    }
  }
}
