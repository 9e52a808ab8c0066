// Runs the program and keeps its compiled code, which halves the time of the next start.

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { inspect } = require('node:util');
const vm = require('node:vm');
const { keep, keepNewest, readOwn } = require('./kept-files.js');

const root = path.dirname(__dirname);

/** `text` is one byte a character, which is the fastest string to read: the program is ASCII. */
function find() {
  // A clone runs its sources as they are now, whatever was built of them once.
  if (fs.existsSync(path.join(root, 'src'))) return require('../tools/build/from-sources.js').find(root);
  return require('./installed.js').find(root);
}

async function run() {
  const { file, codeFile, text } = find();
  const program = await text();
  const cachedData = readOwn(codeFile);
  const script = new vm.Script(`(function (module, exports, require) {${program}\n})`, {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const loaded = { exports: {} };
  script.runInThisContext()(loaded, loaded.exports, createRequire(__filename));
  process.exitCode = await loaded.exports.main(process.argv.slice(2), root);
  if (cachedData && !script.cachedDataRejected) return;
  // After the run, so that the functions it needed are in it.
  keep(codeFile, script.createCachedData());
  keepNewest(path.dirname(codeFile), 8);
}

run().catch((error) => {
  // It may quote what a host has said.
  console.error(inspect(error).replace(/(?![\n\t])\p{Cc}/gu, ' '));
  console.error('internal error in k3s-cdk: please report it with the lines above');
  process.exitCode = 70;
});
