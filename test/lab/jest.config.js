const base = require('../../jest.config.js');

/** Tests on real hosts: `npm run test:hosts`. @type {import('jest').Config} */
module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/lab/**/*.test.ts'],
  // Virtual machines: `npm run test:system`.
  // Several database hosts are tried when asked for: LAB_FAILOVER=1, or LAB_LONG=1 for all of it.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/lab/system/',
    // A year takes a quarter of an hour.
    ...(process.env.LAB_LONG ? [] : ['/year\\.']),
    // Emulated machines: `npm run test:platforms`.
    '<rootDir>/test/lab/platforms/',
    ...(process.env.LAB_FAILOVER || process.env.LAB_LONG ? [] : ['/database-failover\\.']),
  ],
  // Mostly they wait, so two labs at once end sooner than one after the other.
  testTimeout: 300_000,
  maxWorkers: 2,
};
