// Hands scripts and CRDs to the tests as the bundler does for the program.

const { createHash } = require('node:crypto');
const { scriptModule } = require('../../tools/build/script-module.js');

const moduleOf = (text, file, root) =>
  file.endsWith('.sh') ? scriptModule(text, file, root) : `module.exports = ${JSON.stringify(text)};`;

module.exports = {
  process: (text, file, { config }) => ({ code: moduleOf(text, file, config.rootDir) }),
  // What it is made of is more than the text: where the libraries lie.
  getCacheKey: (text, file, { config }) =>
    createHash('sha256')
      .update(moduleOf(text, file, config.rootDir))
      .digest('hex'),
};
