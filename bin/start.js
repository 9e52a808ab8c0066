// Runs the program and keeps its compiled code, which halves the time of the next start.

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { inspect } = require('node:util');
const vm = require('node:vm');
const { keep, keepNewest, readOwn } = require('./kept-files.js');

const root = path.dirname(__dirname);
const usageError = 2;

/** The program: its file, its text, and the folder and beginning of the name of compiled code. */
function find() {
  // A clone runs its sources as they are now, whatever was built of them once.
  if (fs.existsSync(path.join(root, 'src'))) return require('../tools/build/from-sources.js').find(root);
  return require('./installed.js').find(root);
}

async function run() {
  const { file, text, codeFolder, codeName } = find();
  // Each command has its own: what `--help` needs is little, and compiled code has only what was needed.
  const [word = ''] = process.argv.slice(2);
  const command = /^[a-z]+$/.test(word) ? word : 'help';
  const codeFile = codeFolder && path.join(codeFolder, `${codeName}-${command}.code`);
  // One byte a character is the fastest string to read, and the program is ASCII.
  const program = await text();
  const cachedData = readOwn(codeFile);
  const script = new vm.Script(`(function (module, exports, require) {${program}\n})`, {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const loaded = { exports: {} };
  script.runInThisContext()(loaded, loaded.exports, createRequire(__filename));
  const exitCode = await loaded.exports.main(process.argv.slice(2), root);
  process.exitCode = exitCode;
  const isKept = cachedData && !script.cachedDataRejected;
  // No command is called that, or it was not called right: nothing that will be needed again.
  if (isKept || codeFile === undefined || exitCode === usageError) return;
  // After the run, so that the functions it needed are in it.
  keep(codeFile, script.createCachedData());
  keepNewest(codeFolder, 24);
}

run().catch((error) => {
  // It may quote what a host has said.
  console.error(inspect(error).replace(/(?![\n\t])\p{Cc}/gu, ' '));
  console.error('internal error in k3s-cdk: please report it with the lines above');
  process.exitCode = 70;
});
