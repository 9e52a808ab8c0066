import { type SpawnSyncReturns, spawnSync } from 'node:child_process';

const namespaces = ['--map-root-user', '--net'];
const canIsolate = spawnSync('unshare', [...namespaces, 'true']).status === 0;

/** Runs a program without a network, where Linux lets us. */
export function isolated(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): SpawnSyncReturns<string> {
  const [first = '', ...rest] = canIsolate
    ? ['unshare', ...namespaces, program, ...args]
    : [program, ...args];
  return spawnSync(first, rest, {
    ...options,
    env: { PATH: process.env.PATH, ...options.env },
    encoding: 'utf8',
  });
}
