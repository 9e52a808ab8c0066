// Runs the program and keeps its compiled code, which halves the time of the next start.

const { inspect } = require('node:util');
const vm = require('node:vm');
const { keep, keepNewest, readOwn } = require('./kept-files.js');

const usageError = 2;

// Of an error deep in a library, the user's own code is many frames away.
Error.stackTraceLimit = 50;

/**
 * @param program `file`, its name in stack traces; `text()`; `codeFolder` and `codeName`, the folder of compiled code and the
 *   beginning of its name; `require` for its packages; `files`, its own (src/commands/program-files.ts)
 */
async function run({ file, text, codeFolder, codeName, require, files }) {
  // Each command has its own: what `--help` needs is little, and compiled code has only what was needed.
  const [word = ''] = process.argv.slice(2);
  const command = /^[a-z]+$/.test(word) ? word : 'help';
  const codeFile = codeFolder && `${codeFolder}/${codeName}-${command}.code`;
  // One byte a character is the fastest string to read, and the program is ASCII.
  const source = await text();
  const cachedData = readOwn(codeFile);
  const script = new vm.Script(`(function (module, exports, require) {${source}\n})`, {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const loaded = { exports: {} };
  script.runInThisContext()(loaded, loaded.exports, require);
  const exitCode = await loaded.exports.main(process.argv.slice(2), files);
  process.exitCode = exitCode;
  const isKept = cachedData && !script.cachedDataRejected;
  // No command is called that, or it was not called right: nothing that will be needed again.
  if (isKept || codeFile === undefined || exitCode === usageError) return;
  // After the run, so that the functions it needed are in it.
  keep(codeFile, script.createCachedData());
  keepNewest(codeFolder, 24);
}

exports.run = (program) =>
  run(program).catch((error) => {
    // It may quote what a host has said.
    console.error(inspect(error).replace(/(?![\n\t])\p{Cc}/gu, ' '));
    console.error('internal error in k3s-cdk: please report it with the lines above');
    process.exitCode = 70;
  });
