const { readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/** Files that replace modules are run by themselves. */
const needsOwnWorld = (file) => /jest\.mock\(/.test(readFileSync(path.join(root, file), 'utf8'));

/** Paths of all test files that `npm test` runs, relative to `test/`; others name their kind: `a.programs.test.ts`. */
const files = readdirSync(root, { recursive: true })
  .filter((file) => /^[^.]+\.test\.ts$/.test(file) && !file.startsWith('lab/'))
  .sort();

const folders = readdirSync(path.join(root, 'folders'))
  .map((file) => path.basename(file, '.ts'))
  .filter((folder) => folder !== 'others');

/**
 * Test files that share modules: loading them anew for every file costs more than the tests do.
 *
 * @param folder a folder of `test/` that `test/folders/` names, or `others` for what lies elsewhere
 */
exports.filesOf = (folder) =>
  files.filter((file) => {
    const [first] = file.split('/');
    return (folders.includes(first) ? first : 'others') === folder && !needsOwnWorld(file);
  });

/** Test files that share nothing. */
exports.filesAlone = () => files.filter(needsOwnWorld);
