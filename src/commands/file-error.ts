import { getSystemErrorMap } from 'node:util';
import { UserError } from '../user-error';

/**
 * What went wrong with a file or folder, in words; undefined for an error that is not about one.
 *
 * @param shown path to name. Default: the error's own
 */
export function fileErrorText(error: unknown, shown?: string): string | undefined {
  if (error instanceof UserError) return error.message;
  const { code, errno, syscall = '', path } = (error ?? {}) as NodeJS.ErrnoException;
  const named = shown ?? path;
  const reason =
    reasons[String(code)] ?? (ofFiles.has(syscall) ? getSystemErrorMap().get(errno ?? 0)?.[1] : undefined);
  return reason && `${named === undefined ? '' : `'${named}': `}${reason}`;
}

/**
 * Node's names of calls that can fail because of a file or folder; for other calls their codes mean something
 * else.
 */
const ofFiles: ReadonlySet<string> = new Set(
  `access chmod close copyfile fchmod fsync ftruncate link lstat mkdir mkdtemp open read readlink realpath rename rm rmdir
  scandir stat symlink unlink utime write`.split(/\s+/),
);

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'read-only file system',
  ENOTDIR: 'a file is where a folder is needed',
  EEXIST: 'a file is where a folder is needed',
  EISDIR: 'a folder is where a file is needed',
  EBUSY: 'in use, maybe as a mount point',
};
