// The program as it was packed. Its folder may be root's or read-only.

const fs = require('node:fs');
const path = require('node:path');
const { userCode } = require('./user-code.js');

exports.find = function find(root) {
  const file = path.join(root, 'lib', 'main.js');
  return {
    file,
    text: () => fs.readFileSync(file, 'latin1'),
    ...userCode(fs.readFileSync(path.join(root, 'lib', 'main.sha256'), 'latin1')),
  };
};
