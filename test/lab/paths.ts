import { homedir } from 'node:os';
import { join } from 'node:path';

export const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

/** Everything heavy that is made once: packages, root file systems, images. */
export const cacheDirectory = join(cacheHome, 'k3s-cdk', 'lab');

/** One directory per running lab: state file, keys, logs, the hosts' own files. */
export const runDirectory = join(cacheDirectory, 'run');

/** Real k3s binary: `K3S_BIN`, or what was put into the cache. The lab works without one. */
export const k3sBinaries = [process.env.K3S_BIN, join(cacheHome, 'k3s-cdk', 'k3s')];

/** The same for hosts with arm64 on a machine that has another processor. */
export const foreignK3sBinaries = [process.env.K3S_BIN_ARM64, join(cacheHome, 'k3s-cdk', 'k3s-arm64')];
