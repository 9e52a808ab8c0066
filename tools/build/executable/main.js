// What the single executable runs: the program and its packages are assets of it, read when they are needed.

const { isBuiltin } = require('node:module');
const { getAsset, getRawAsset } = require('node:sea');
const vm = require('node:vm');
const { run } = require('../../../bin/run.js');
const { userCode } = require('../../../bin/user-code.js');

/** One byte a character: all of ours is ASCII. */
const asset = (name) => Buffer.from(getRawAsset(name)).latin1Slice();
const loaded = new Map();

/** Modules of node, and the packages that the program loads only when it needs them. */
function requirePackage(name) {
  if (isBuiltin(name)) return require(name);
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const filename = `packages/${name}`;
  vm.runInThisContext(`(function (module, exports, require) {${asset(filename)}\n})`, { filename })(
    module,
    module.exports,
    requirePackage,
  );
  return module.exports;
}

run({
  file: 'main.js',
  text: () => asset('main.js'),
  ...userCode(asset('main.sha256')),
  require: requirePackage,
  files: { folder: undefined, text: (name) => getAsset(name, 'utf8') },
});
