// Files that only make things faster: whoever cannot write or read them is slower.

const fs = require('node:fs');
const path = require('node:path');

/** Writes a file so that other processes see all of it or nothing. */
exports.keep = function keep(file, content) {
  const temporary = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(temporary, content, { mode: 0o600 });
    fs.renameSync(temporary, file);
  } catch {
    // A full disk, a folder that is read-only or somebody else's.
  }
};

/** The bytes of a file that this user wrote: it is run. */
exports.readOwn = function readOwn(file) {
  if (file === undefined) return undefined;
  let opened;
  try {
    opened = fs.openSync(file);
    const { uid } = fs.fstatSync(opened);
    return process.getuid && uid !== process.getuid() ? undefined : fs.readFileSync(opened);
  } catch {
    return undefined;
  } finally {
    if (opened !== undefined) fs.closeSync(opened);
  }
};

/** Removes all but the newest of a folder: whoever changes between versions needs the last few again. */
exports.keepNewest = function keepNewest(folder, count) {
  try {
    const age = (name) => fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const names = fs.readdirSync(folder).sort((a, b) => age(b) - age(a));
    for (const name of names.slice(count))
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  } catch {
    // As above.
  }
};
