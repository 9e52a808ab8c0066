const { useMemoryFolder } = require('./test/support/memory-folder');

// Workers get the environment of this process.
useMemoryFolder();

/** @type {import('jest').Config} */
module.exports = {
  // A hang limit, generous for busy machines; how fast things are is for `npm run bench`.
  testTimeout: 60_000,
  // All cores: jest would leave one idle, which is half of a small machine.
  maxWorkers: '100%',
  // What `npm run` test:programs, test:cluster, test:hosts and test:system run has names and a folder of its own.
  testMatch: ['<rootDir>/test/**/*.test.ts', '!**/*.{programs,cluster}.test.ts', '!**/test/lab/**'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/cdktf.out/'],
  reporters: ['default', '<rootDir>/test/support/closing-line.js'],
  transformIgnorePatterns: ['/node_modules/(?!@marcbachmann/cel-js/)'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
    // The only package that is ES modules only.
    '/cel-js/.*\\.js$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }],
    '\\.(py|sh|txt|yaml)$': '<rootDir>/test/support/text-transform.js',
  },
};
