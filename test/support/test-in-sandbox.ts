import { spawnSync } from 'node:child_process';
import { testWhen } from './needs';

/** Whether this machine lets a process have mounts of its own. */
export function canSandbox(): boolean {
  return spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;
}

/** `test`, where it does. */
export const testInSandbox = testWhen(
  canSandbox(),
  "host scripts are not run: this machine allows no user and mount namespaces ('unshare --user --mount' fails)",
);
