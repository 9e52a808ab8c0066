// What `npm test` runs: the same tests as jest.config.js, with modules loaded once a folder. By itself, a test file is
// run with `npx jest test/…`.
const { filesAlone } = require('./test/support/test-files');

/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/folders/*.ts', ...filesAlone().map((file) => `<rootDir>/test/${file}`)],
};
