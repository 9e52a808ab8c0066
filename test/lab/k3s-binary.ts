import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { ownArchitecture } from './architecture';
import { command } from './command';
import { withForeignPrograms } from './foreign-programs';
import { foreignK3sBinaries, k3sBinaries } from './paths';

/** The k3s that a run of the lab uses; reports say which. */
export interface K3sBinary {
  readonly path: string;
  /** `vX.Y.Z+k3sN`. */
  readonly version: string;
  /** Whether it is the lab's own program, which keeps no objects, instead of k3s. */
  readonly standIn: boolean;
}

/** `$K3S_BIN`, or k3s in the cache, or the stand-in, which suits every processor. Throws when `$K3S_BIN` cannot be run. */
export async function k3sBinary(arch = ownArchitecture): Promise<K3sBinary> {
  const real = arch === ownArchitecture ? realK3s() : foreignK3sBinaries.find(isExecutable);
  const path = real ?? join(__dirname, 'k3s-stand-in', 'k3s');
  const { stdout } = await withForeignPrograms(arch, () => command(path, ['--version']));
  const version = /^k3s\S* version (\S+)/m.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`'${path}' does not say its version: ${stdout}`);
  return { path, version, standIn: stdout.includes('(stand-in)') };
}

/** Path of a real k3s; undefined when there is none on this machine. */
export function realK3s(): string | undefined {
  return k3sBinaries.find(isExecutable);
}

function isExecutable(path: string | undefined): path is string {
  if (path === undefined) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (path === process.env.K3S_BIN || path === process.env.K3S_BIN_ARM64) throw error;
    return false;
  }
}
