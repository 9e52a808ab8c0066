import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { operatorFile } from '../programs/operator-file';
import { UserError } from '../user-error';

const fileMode = 0o600;
const folderMode = 0o700;

/** A file that an interrupted run left behind, never a finished one. */
const temporary = /^\.[^/]+\.[0-9a-f]{16}\.tmp$/;

/**
 * Files that nobody else may read: mode 0600 in folders of mode 0700 whatever the umask, from the first byte on.
 * A file has all of its content or does not exist. Paths are relative to `root` and use `/`; what
 * cluster.yaml names
 * can be read from anywhere.
 */
export class PrivateFiles {
  constructor(private readonly root: string) {}

  read(path: string): string | undefined {
    const file = operatorFile(this.root, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  /**
   * Makes a file.
   *
   * @throws Error when there is one of that name, even when another process made it a moment ago
   */
  create(path: string, content: string): void {
    this.writeBeside(path, content, (written, target) => {
      try {
        // Unlike a rename, a link never replaces.
        linkSync(written, target);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        throw new UserError(`'${path}' was made by someone else at the same time: run the command again`);
      }
      rmSync(written);
    });
  }

  /** Makes a file or replaces the one of that name. */
  replace(path: string, content: string): void {
    this.writeBeside(path, content, renameSync);
  }

  private writeBeside(
    path: string,
    content: string,
    publish: (written: string, target: string) => void,
  ): void {
    this.makeFolder(dirname(path));
    const target = join(this.root, path);
    const name = target.slice(dirname(target).length + 1);
    const written = join(dirname(target), `.${name}.${randomBytes(8).toString('hex')}.tmp`);
    const descriptor = openSync(written, 'wx', fileMode);
    try {
      fchmodSync(descriptor, fileMode);
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
      publish(written, target);
    } catch (error) {
      rmSync(written, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  private makeFolder(path: string): void {
    const folder = join(this.root, path);
    if (path === '.' || existsSync(folder)) return;
    this.makeFolder(dirname(path));
    mkdirSync(folder, { mode: folderMode, recursive: true });
    chmodSync(folder, folderMode);
  }

  /** All files below a folder, sorted, without what interrupted runs left. */
  list(folder: string): string[] {
    return this.entries(folder).filter((path) => !path.endsWith('/') && !isTemporary(path));
  }

  /**
   * Below a folder, revokes others' access and removes the remains of interrupted runs.
   *
   * @returns the paths that others had access to, folders with a `/` at the end
   */
  tidy(folder: string): string[] {
    const open: string[] = [];
    if (!existsSync(join(this.root, folder))) return open;
    for (const path of [`${folder}/`, ...this.entries(folder)]) {
      const absolute = join(this.root, path);
      if (isTemporary(path)) rmSync(absolute, { force: true });
      else if ((statSync(absolute).mode & 0o077) !== 0) {
        chmodSync(absolute, path.endsWith('/') ? folderMode : fileMode);
        open.push(path);
      }
    }
    return open;
  }

  /** Files, and folders with a `/` at the end, each folder before what is in it. */
  private entries(folder: string): string[] {
    const absolute = join(this.root, folder);
    if (!existsSync(absolute)) return [];
    return (
      readdirSync(absolute, { withFileTypes: true })
        // The target of a symbolic link is its owner's business.
        .filter((entry) => entry.isFile() || entry.isDirectory())
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
          const path = `${folder}/${entry.name}`;
          return entry.isDirectory() ? [`${path}/`, ...this.entries(path)] : [path];
        })
    );
  }
}

function isTemporary(path: string): boolean {
  return temporary.test(path.slice(path.lastIndexOf('/') + 1));
}
