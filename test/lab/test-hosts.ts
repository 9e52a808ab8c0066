import { join } from 'node:path';
import { containers } from './container/container-kind';
import { runTests } from './run-tests';

/** `npm run test:hosts [-- JEST-ARGUMENTS]`: the tests that need real hosts; skipped where there can be none. */
runTests(containers, join(__dirname, 'jest.config.js'));
