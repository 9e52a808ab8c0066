import { join } from 'node:path';
import { runTests } from './run-tests';
import { virtualMachines } from './vm/vm-kind';

/** `npm run test:platforms [-- JEST-ARGUMENTS]`: emulated machines of other kinds; skipped where there can be none. */
runTests(virtualMachines, join(__dirname, 'platforms', 'jest.config.js'), ['arm64']);
