// The program as it was packed. Its folder may be root's or read-only, so what makes it faster is kept where each user
// keeps such things.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** The user's cache; undefined for one who has no home. */
function cacheFolder() {
  const { XDG_CACHE_HOME } = process.env;
  if (XDG_CACHE_HOME !== undefined && path.isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  try {
    return path.join(os.homedir(), '.cache');
  } catch {
    return undefined;
  }
}

exports.find = function find(root) {
  const file = path.join(root, 'lib', 'main.js');
  const cache = cacheFolder();
  const hash = fs.readFileSync(path.join(root, 'lib', 'main.sha256'), 'latin1').slice(0, 32);
  return {
    file,
    text: () => fs.readFileSync(file, 'latin1'),
    codeFolder: cache && path.join(cache, 'k3s-cdk', 'start'),
    codeName: `${hash}-${process.version}-${process.arch}`,
  };
};
