const base = require('../../jest.config.js');

/** Tests on real hosts: `npm run test:hosts`. @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/lab/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Hosts take their time, and two labs at once take each other's.
  testTimeout: 300_000,
  maxWorkers: 1,
};
