import { ForeignFileError } from '../output/foreign-file-error';

/** What went wrong with a file or folder, in words; undefined for an error that is not about one. */
export function fileErrorText(error: unknown): string | undefined {
  if (error instanceof ForeignFileError) return error.message;
  const { code, path } = error as NodeJS.ErrnoException;
  const reason = reasons[String(code)];
  return reason && `${path === undefined ? '' : `'${path}': `}${reason}`;
}

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
