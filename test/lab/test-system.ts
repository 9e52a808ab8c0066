import { join } from 'node:path';
import { runTests } from './run-tests';
import { virtualMachines } from './vm/vm-kind';

/** `npm run test:system [-- JEST-ARGUMENTS]`: the whole system in virtual machines; skipped where there can be none. */
runTests(virtualMachines, join(__dirname, 'system', 'jest.config.js'));
