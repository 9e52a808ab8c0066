import type { Host } from '../model/topology';
import { lastWords } from '../programs/last-words';

/** Why a host runs nothing as root, from what `bashAsRoot` said, as the rest of a sentence about the host. */
export function rootFailure({ ssh: { user } }: Host, stderr: string): string {
  const said = lastWords(stderr).split('\n').at(-1) ?? '';
  if (/password is required|not allowed|not in the sudoers/.test(stderr))
    return `does not let user '${user}' use sudo without a password: put '${user} ALL=(ALL) NOPASSWD:ALL' into /etc/sudoers.d/${user} on the host`;
  return `runs no commands as root: ${said || 'bash ended without a word'}`;
}
