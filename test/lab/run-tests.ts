import { spawnSync } from 'node:child_process';
import type { Architecture } from './architecture';
import type { HostKind, PackageList } from './lab-host';
import { whyNoLab } from './requirements';

/** Runs jest with the arguments of this process where hosts of that kind can be; else says in one line why not. */
export async function runTests(
  kind: HostKind,
  config: string,
  architectures?: readonly Architecture[],
  more?: readonly PackageList[],
): Promise<void> {
  try {
    const reason = await whyNoLab(kind, (line) => console.log(line), architectures, more);
    if (reason !== undefined) {
      console.log(`skipped: ${reason}`);
      return;
    }
    const jest = require.resolve('jest/bin/jest');
    const args = [jest, '--config', config, ...process.argv.slice(2)];
    process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
