// The program contains the packages that it was bundled with, and their licences want to be told with it.

const fs = require('node:fs');
const path = require('node:path');

/** Folders of the packages that files below node_modules belong to. */
function packageFolders(files) {
  const folders = files.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

exports.packageFolders = packageFolders;

/**
 * Name, version, licence and its text of each package that is in a bundle.
 *
 * @param inputs files of the bundle, relative to `root`
 */
exports.notices = function notices(root, inputs) {
  return packageFolders(inputs)
    .map((folder) => {
      const { name, version, license } = JSON.parse(
        fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
      );
      const texts = fs
        .readdirSync(path.join(root, folder))
        .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
        .map((file) => fs.readFileSync(path.join(root, folder, file), 'utf8').trim());
      return [`${name} ${version} (${license})`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`)
    .concat('\n');
};
