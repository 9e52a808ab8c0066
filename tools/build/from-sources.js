// The program of a clone: its sources, bundled on first use (docs/decisions/0001-bundle-on-first-use.md). The bundle's
// folder is named by the hash of every source: an edited source is another name, so a stale bundle cannot run.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { keep, keepNewest } = require('../../bin/kept-files.js');

/** Hash of everything that the bundle is made from, and of what its compiled code depends on. */
function sourceHash(root) {
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
  for (const folder of ['bin', 'tools/build', 'src', 'imports']) addBelow(path.join(root, folder));
  for (const file of ['package.json', 'package-lock.json']) add(path.join(root, file));
  return hash.digest('hex').slice(0, 32);
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

exports.find = function find(root) {
  const cache = path.join(root, 'node_modules', '.cache', 'k3s-cdk');
  const folder = path.join(cache, sourceHash(root));
  const file = path.join(folder, 'main.js');
  const made = async () => {
    // Loaded only here: with a bundle, esbuild is not needed.
    const { text } = await require('./bundle.js').bundle(root);
    keep(file, text);
    keepNewest(cache, 8);
    return text;
  };
  return {
    file,
    text: async () => readIfThere(file) ?? made(),
    codeFolder: path.join(folder, 'code'),
    codeName: 'main',
  };
};
