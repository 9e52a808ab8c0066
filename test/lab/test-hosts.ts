import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { containers } from './container/container-kind';
import { whyNoLab } from './requirements';

/** `npm run test:hosts [-- JEST-ARGUMENTS]`: the tests that need real hosts; skipped where there can be none. */
async function main(): Promise<number> {
  const reason = await whyNoLab(containers, (line) => console.log(line));
  if (reason !== undefined) {
    console.log(`skipped: ${reason}`);
    return 0;
  }
  const jest = require.resolve('jest/bin/jest');
  const config = join(__dirname, 'jest.config.js');
  const run = spawnSync(process.execPath, [jest, '--config', config, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  return run.status ?? 1;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
