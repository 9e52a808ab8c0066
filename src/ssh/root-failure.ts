import type { Host } from '../model/topology';
import { lastLines } from '../programs/last-lines';

/** Why a host runs nothing as root, from what `bashAsRoot` said, as the rest of a sentence about the host. */
export function rootFailure({ ssh: { user } }: Host, stderr: string): string {
  const said = lastLines(stderr).split('\n').at(-1) ?? '';
  if (/password is required|not allowed|not in the sudoers/.test(stderr))
    return `does not let user '${user}' use sudo without a password: put '${user} ALL=(ALL) NOPASSWD:ALL' into /etc/sudoers.d/${user} on the host`;
  if (/sudo: (command )?not found/.test(stderr))
    return `has no sudo: install it there as root ('apt-get install sudo'), and put '${user} ALL=(ALL) NOPASSWD:ALL' into /etc/sudoers.d/${user}`;
  return `runs no commands as root: ${said || 'bash exited without a message'}`;
}
