const base = require('../../jest.config.js');

/** Tests on real hosts: `npm run test:hosts`. @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/lab/**/*.test.ts'],
  // Virtual machines: `npm run test:system`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/lab/system/'],
  // Hosts take their time, and two labs at once take each other's.
  testTimeout: 300_000,
  maxWorkers: 1,
};
