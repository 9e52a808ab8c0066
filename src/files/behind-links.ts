import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { UserError } from '../user-error';

/**
 * The target of a path that is going to be replaced: symbolic links to it, such as those of dotfile managers,
 * stay.
 *
 * @throws UserError when the link is dangling
 */
export function behindLinks(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new UserError(
      `'${path}' is a link to '${readlinkSync(path)}', which does not exist: create that, or delete the link`,
    );
  return path;
}
