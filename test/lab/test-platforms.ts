import { join } from 'node:path';
import { runTests } from './run-tests';
import { elPackages } from './vm/el/el-system';
import { virtualMachines } from './vm/vm-kind';

/** Enterprise Linux alone needs nothing of another processor. */
const asked = process.argv.slice(2);
const isNative = asked.length > 0 && asked.every((name) => name.startsWith('enterprise'));

/** `npm run test:platforms [-- JEST-ARGUMENTS]`: emulated machines of other kinds; skipped where there can be none. */
runTests(
  virtualMachines,
  join(__dirname, 'platforms', 'jest.config.js'),
  isNative ? ['amd64'] : ['amd64', 'arm64'],
  [{ list: elPackages, arch: 'amd64' }],
);
