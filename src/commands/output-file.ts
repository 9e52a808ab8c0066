import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { resolve as absolute, dirname } from 'node:path';
import { fileErrorText } from './file-error';

/**
 * Why a file that the user named for an output cannot be written, in words; undefined for an error that is not about it.
 *
 * @param path as the user gave it
 */
export function outputFileError(error: unknown, path: string): string | undefined {
  const folder = dirname(path);
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOENT' && !existsSync(folder))
    return `cannot write '${path}': there is no folder '${folder}'`;
  if (code === 'ENOTDIR') return `cannot write '${path}': '${folder}' is not a folder`;
  if (code === 'EISDIR') return `'${path}' is a folder: name a file in it`;
  if ((code === 'EACCES' || code === 'EPERM') && !existsSync(path))
    return `cannot write '${path}': you may not create files in '${folder}'`;
  const reason = fileErrorText(error, path);
  return reason && `cannot write ${reason}`;
}

/**
 * Why a file cannot be written whose folders are made if they are missing, before there is anything to write; undefined
 * if nothing is in the way.
 *
 * @param path as the user gave it
 */
export function inTheWayOf(path: string): string | undefined {
  try {
    if (existsSync(path) && statSync(path).isDirectory()) return `'${path}' is a folder: name a file in it`;
    let folder = dirname(absolute(path));
    while (!existsSync(folder)) folder = dirname(folder);
    if (!statSync(folder).isDirectory()) return `cannot write '${path}': '${folder}' is not a folder`;
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return outputFileError(error, path) ?? `cannot write '${path}': ${(error as Error).message}`;
  }
}
