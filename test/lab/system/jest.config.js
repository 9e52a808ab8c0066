const base = require('../jest.config.js');

/** The whole system in virtual machines: `npm run test:system`. @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../../..',
  testMatch: ['<rootDir>/test/lab/system/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // A step under emulation, on a machine that has more to do.
  testTimeout: 1_800_000,
};
