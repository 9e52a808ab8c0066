// Compiled code of a program that was built, which makes it faster, lies where each user keeps such things.

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

/** Where it is kept, for the program of that hash. */
exports.userCode = function userCode(sha256) {
  const cache = cacheFolder();
  return {
    codeFolder: cache && path.join(cache, 'k3s-cdk', 'start'),
    codeName: `${sha256.slice(0, 32)}-${process.version}-${process.arch}`,
  };
};
