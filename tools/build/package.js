// Makes lib/, which is what the package runs and exports. npm runs this before it packs or publishes, when it installs from
// git, and after `npm ci` in a clone, which runs its sources all the same.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { bundle } = require('./bundle.js');
const { buildLibrary } = require('./library.js');
const { notices } = require('./notices.js');
const { buildTypes } = require('./types.js');

async function build(root) {
  const lib = path.join(root, 'lib');
  fs.rmSync(lib, { recursive: true, force: true });
  fs.mkdirSync(lib);
  const { text, inputs } = await bundle(root);
  fs.writeFileSync(path.join(lib, 'main.js'), text);
  // Names the compiled code of it that each user keeps (bin/user-code.js).
  fs.writeFileSync(path.join(lib, 'main.sha256'), `${createHash('sha256').update(text).digest('hex')}\n`);
  fs.writeFileSync(path.join(lib, 'main.licenses.txt'), notices(root, inputs));
  buildLibrary(root, path.join(lib, 'index.js'));
  buildTypes(root, path.join(lib, 'types'));
}

build(path.resolve(__dirname, '..', '..'));
