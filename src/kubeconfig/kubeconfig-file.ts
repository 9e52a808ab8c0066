import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { behindLinks } from '../files/behind-links';
import { makeFolder } from '../files/make-folder';
import { UserError } from '../user-error';

/** A file with credentials: only its owner may read it, and its former content is kept. */
export class KubeconfigFile {
  /** Behind a symbolic link, as dotfile managers create: the link stays. */
  private readonly target: string;

  /** @throws UserError */
  constructor(path: string) {
    this.target = behindLinks(path);
  }

  /** Undefined when there is none. */
  read(): string | undefined {
    return existsSync(this.target) ? readFileSync(this.target, 'utf8') : undefined;
  }

  /**
   * Changes the file, while no kubectl does.
   *
   * @param stamp what the backup's name ends with
   * @returns path of the backup; undefined when there was nothing to keep
   * @throws Error in words when kubectl holds its lock
   */
  write(text: string, stamp: string): string | undefined {
    makeFolder(dirname(this.target), { mode: 0o700 });
    const unlock = lock(`${this.target}.lock`);
    try {
      const before = this.read();
      if (before === text) {
        // Created manually with a usual umask.
        if ((statSync(this.target).mode & 0o077) !== 0) chmodSync(this.target, 0o600);
        return undefined;
      }
      const backup = `${this.target}.backup-${stamp}`;
      if (before !== undefined) writePrivate(backup, before);
      writePrivate(this.target, text);
      return before === undefined ? undefined : backup;
    } finally {
      unlock();
    }
  }
}

/** Others see the file before or after, never in between. */
function writePrivate(path: string, text: string): void {
  const next = `${path}.next-${process.pid}`;
  try {
    writeFileSync(next, text, { mode: 0o600 });
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

/** kubectl's own lock: a file that must not exist. */
function lock(path: string): () => void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UserError(`is being changed by kubectl; if no kubectl runs, delete '${path}' and try again`);
  }
  return () => rmSync(path, { force: true });
}
