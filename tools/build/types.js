// Declarations of what the library exports, and of no more: strict programs compile against them with any options, as
// they do not compile our sources.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

exports.buildTypes = function buildTypes(root, folder) {
  const cache = path.join(root, 'node_modules', '.cache');
  fs.mkdirSync(cache, { recursive: true });
  const all = fs.mkdtempSync(path.join(cache, 'types-'));
  const compiler = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const tsc = (...args) =>
    execFileSync(process.execPath, [compiler, ...args], { cwd: root, encoding: 'utf8' });
  try {
    tsc('-p', 'tools/build/tsconfig.json', '--outDir', all);
    const sources = path.join(all, 'src');
    const needed = tsc(
      ...['--ignoreConfig', '--listFilesOnly', '--module', 'nodenext'],
      path.join(sources, 'index.d.ts'),
    )
      .split('\n')
      .filter((file) => file.startsWith(all));
    for (const file of needed) {
      const name = path.relative(sources, file);
      if (name.startsWith('..')) throw new Error(`the library's types need ${file}, which is not in src`);
      fs.mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
      fs.copyFileSync(file, path.join(folder, name));
    }
  } finally {
    fs.rmSync(all, { recursive: true });
  }
};
