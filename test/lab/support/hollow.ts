import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { K3sBinary } from '../k3s-binary';
import { cacheDirectory } from '../paths';
import { place } from './artifacts';
import { folder } from './project';

/** What hosts have to share, see `HostConfig`. */
export const hollowFolder = join(cacheDirectory, 'hollow');

/** Where they see it. */
const shared = '/opt/lab';

/**
 * A release of real k3s whose agents run no containers: servers, kubectl and how an agent gets its identity are k3s's own.
 * What a step installs is a few lines, since every host would get 240 MB otherwise.
 */
export function hollowRelease({ path, version }: K3sBinary): K3sBinary {
  folder(hollowFolder);
  const real = `real-${version}`;
  if (!existsSync(join(hollowFolder, real))) place(path, join(hollowFolder, real));
  copyFileSync(join(__dirname, '../hollow/agent'), join(hollowFolder, 'agent'));
  copyFileSync(join(__dirname, '../k3s-stand-in/k3s'), join(hollowFolder, 'stand-in'));
  const program = join(hollowFolder, `k3s-${version}`);
  const text = `#!/bin/sh
[ "$1" = agent ] && exec ${shared}/agent ${version}
exec ${shared}/${real} "$@"
`;
  writeFileSync(program, text, { mode: 0o755 });
  return { path: program, version, standIn: false };
}
