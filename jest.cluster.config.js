// Tests that ask the API server of a real k3s, where there is one.

/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/**/*.cluster.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/lab/'],
  // Machines may be slow; where the time goes is printed.
  testTimeout: 300_000,
};
