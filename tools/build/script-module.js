// Scripts as modules. A script of bash names the libraries that it sources, as shellcheck wants it, and finds them beside
// itself on the host: `# shellcheck source=lib.sh`. Here each lies with what it is about, and the line is its import.

const fs = require('node:fs');
const path = require('node:path');

const libraryLine = /^\s*# shellcheck source=([\w.-]+\.sh)$/gm;

/** Where each script lies, by its name, which is there once; by the folder of the sources. */
const known = new Map();

function pathsBelow(folder) {
  const paths = known.get(folder) ?? new Map();
  if (known.has(folder)) return paths;
  for (const name of fs.readdirSync(folder, { recursive: true }))
    if (name.endsWith('.sh')) paths.set(path.basename(name), path.join(folder, name));
  known.set(folder, paths);
  return paths;
}

/**
 * The text of a CommonJS module with the script and, by name, all libraries that it sources, and those that they do.
 *
 * @param root folder that has `src`
 */
exports.scriptModule = function scriptModule(text, file, root) {
  const libraries = [...text.matchAll(libraryLine)].map(([, name]) => {
    const library = pathsBelow(path.join(root, 'src')).get(name);
    if (library === undefined) throw new Error(`${file}: no script in src is called '${name}'`);
    const relative = path.relative(path.dirname(file), library).split(path.sep).join('/');
    return [name, relative.startsWith('.') ? relative : `./${relative}`];
  });
  const loaded = libraries.map(
    ([name, target]) =>
      `{const script = require(${JSON.stringify(target)}).default;\n` +
      `Object.assign(libraries, script.libraries, { ${JSON.stringify(name)}: script.text });}\n`,
  );
  return (
    `Object.defineProperty(exports, '__esModule', { value: true });\nconst libraries = {};\n${loaded.join('')}` +
    `exports.default = { text: ${JSON.stringify(text)}, libraries };\n`
  );
};
