// Runs the program that lies here: sources in a clone, what was built of them in a package.

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { run } = require('./run.js');

const root = path.dirname(__dirname);

function find() {
  // A clone runs its sources as they are now, whatever was built of them once.
  if (fs.existsSync(path.join(root, 'src'))) return require('../tools/build/from-sources.js').find(root);
  return require('./installed.js').find(root);
}

const { ownPlace, ...program } = find();
run({
  ...program,
  require: createRequire(__filename),
  files: { folder: root, text: (name) => fs.readFileSync(path.join(root, name), 'utf8'), ownPlace },
});
