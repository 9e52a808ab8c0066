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

/** Sources that are the user's own. */
const own = 'src/apps/';

/**
 * The place in the user's own sources that an error came from: of the innermost frame that is there, `src/apps/charts.ts`,
 * line and column. Undefined when it has none.
 */
function ownPlace(stack, mapFile) {
  const frames = [...stack.matchAll(/main\.js:(\d+):(\d+)/g)];
  const map = frames.length > 0 ? readIfThere(mapFile) : undefined;
  if (map === undefined) return undefined;
  const { SourceMap } = require('node:module');
  const sources = new SourceMap(JSON.parse(map));
  for (const [, line, column] of frames) {
    const { originalSource = '', originalLine, originalColumn } = sources.findEntry(line - 1, column - 1);
    if (originalSource.startsWith(own))
      return { file: originalSource, line: originalLine + 1, column: originalColumn + 1 };
  }
  return undefined;
}

/** What the compiler says of sources, in the words and with the exit code of a mistake in cluster.yaml. */
function reportMistakes(mistakes) {
  const problems = mistakes.map(({ text, location }) => ({
    severity: 'error',
    code: 'source',
    ...(location && { file: location.file, line: location.line, column: location.column + 1 }),
    message: text,
  }));
  for (const { file, line, column, message } of problems)
    console.error(`${file ? `${file}:${line}:${column}: ` : ''}error: ${message}`);
  const isJson = process.argv.some(
    (word, i, all) => /^--(json|format=json)$/.test(word) || (word === 'json' && all[i - 1] === '--format'),
  );
  if (isJson) console.log(JSON.stringify({ exitCode: 1, problems }, null, 2));
  process.exit(1);
}

exports.find = function find(root) {
  const cache = path.join(root, 'node_modules', '.cache', 'k3s-cdk');
  const folder = path.join(cache, sourceHash(root));
  const file = path.join(folder, 'main.js');
  const mapFile = `${file}.map`;
  const made = async () => {
    // Loaded only here: with a bundle, esbuild is not needed.
    const { text, map } = await require('./bundle.js')
      .bundle(root)
      .catch((error) => {
        if (!Array.isArray(error.errors)) throw error;
        reportMistakes(error.errors);
      });
    keep(mapFile, map);
    keep(file, text);
    keepNewest(cache, 8);
    return text;
  };
  return {
    file,
    text: async () => readIfThere(file) ?? made(),
    codeFolder: path.join(folder, 'code'),
    codeName: 'main',
    ownPlace: (stack) => ownPlace(stack, mapFile),
  };
};
