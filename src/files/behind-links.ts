import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';

/** A link to a file or folder that is not there. */
export class DanglingLinkError extends Error {
  constructor(path: string) {
    super(
      `'${path}' is a link to '${readlinkSync(path)}', which is not there: make that, or delete the link`,
    );
  }
}

/**
 * Where a path leads to, for what is going to be replaced: the links to it stay, as managers of dotfiles make them.
 *
 * @throws DanglingLinkError
 */
export function behindLinks(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw new DanglingLinkError(path);
  return path;
}
