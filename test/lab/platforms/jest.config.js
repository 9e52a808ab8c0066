const base = require('../jest.config.js');

/** Machines of other kinds than this one, emulated: `npm run test:platforms`. @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../../..',
  testMatch: ['<rootDir>/test/lab/platforms/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Emulation, on a machine that has more to do. What hangs is found out by its silence, not here.
  testTimeout: 7_200_000,
  maxWorkers: 1,
};
