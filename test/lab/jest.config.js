const base = require('../../jest.config.js');

/** Tests on real hosts: `npm run test:hosts`. @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/lab/**/*.test.ts'],
  // Virtual machines: `npm run test:system`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/lab/system/'],
  // Mostly they wait, so two labs at once end sooner than one after the other.
  testTimeout: 300_000,
  maxWorkers: 2,
};
