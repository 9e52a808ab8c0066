// Runs src/main.ts. Loading modules one by one is most of what a synth costs, so the sources are bundled once and
// the bundle's compiled code is kept beside it. Its folder is named by the hash of every source: an edited source
// is another name, so a stale bundle cannot run.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { inspect } = require('node:util');
const vm = require('node:vm');

const root = path.dirname(__dirname);
const cache = path.join(root, 'node_modules', '.cache', 'k3s-cdk');

/** Hash of everything that the bundle is made from, and of what its compiled code depends on. */
function sourceHash() {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}`);
  const add = (file) => {
    if (fs.existsSync(file)) hash.update(`\0${file.slice(root.length)}\0`).update(fs.readFileSync(file));
  };
  const addBelow = (folder) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) addBelow(file);
      else add(file);
    }
  };
  for (const folder of ['bin', 'src', 'imports']) addBelow(path.join(root, folder));
  for (const file of ['package.json', 'package-lock.json']) add(path.join(root, file));
  return hash.digest('hex').slice(0, 32);
}

/** Writes a file so that other processes see all of it or nothing. */
function keep(file, content) {
  const temporary = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(temporary, content);
    fs.renameSync(temporary, file);
  } catch {
    // Whoever cannot write here, as in a global installation, bundles at every start.
  }
}

/** Bundles of the last few versions stay: whoever switches between branches needs them again. */
function prune() {
  if (!fs.existsSync(cache)) return;
  const age = (name) => fs.statSync(path.join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const names = fs.readdirSync(cache).sort((a, b) => age(b) - age(a));
  for (const name of names.slice(8)) fs.rmSync(path.join(cache, name), { recursive: true, force: true });
}

function readIfThere(file, encoding) {
  try {
    return fs.readFileSync(file, encoding);
  } catch {
    return undefined;
  }
}

const folder = path.join(cache, sourceHash());
const bundleFile = path.join(folder, 'main.js');
const codeFile = path.join(folder, 'main.code');

/** The bundle is ASCII, and one byte a character is the fastest string to read. */
async function madeBundle() {
  const bundle = await require('./bundle.js').bundle(root);
  keep(bundleFile, bundle);
  prune();
  return bundle;
}

/** Runs it, and keeps its compiled code. */
async function run() {
  const bundle = readIfThere(bundleFile, 'latin1') ?? (await madeBundle());
  const cachedData = readIfThere(codeFile);
  const script = new vm.Script(`(function (module, exports, require) {${bundle}\n})`, {
    filename: bundleFile,
    ...(cachedData && { cachedData }),
  });
  const loaded = { exports: {} };
  script.runInThisContext()(loaded, loaded.exports, createRequire(__filename));
  process.exitCode = await loaded.exports.main(process.argv.slice(2), root);
  // After the run, so that the functions it needed are in it.
  if (!cachedData || script.cachedDataRejected) keep(codeFile, script.createCachedData());
}

run().catch((error) => {
  // It may quote what a host has said.
  console.error(inspect(error).replace(/(?![\n\t])\p{Cc}/gu, ' '));
  console.error('internal error in k3s-cdk: please report it with the lines above');
  process.exitCode = 70;
});
