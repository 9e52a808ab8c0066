// Hands scripts and CRDs to the tests as text, as the bundler does for the program.

const { createHash } = require('node:crypto');

module.exports = {
  process: (text) => ({ code: `module.exports = ${JSON.stringify(text)};` }),
  getCacheKey: (text) => createHash('sha256').update(text).digest('hex'),
};
