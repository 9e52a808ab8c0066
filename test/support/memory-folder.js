const { accessSync, constants, readFileSync, statfsSync } = require('node:fs');

const folder = '/dev/shm';
/** Bytes that must be free: what all tests together write, several times over. */
const enough = 512 * 1024 * 1024;

/**
 * Where tests make their folders: in memory where Linux has a place for that, as they flush and remove files by the
 * thousand. Programs are run from there, so it must not be mounted noexec.
 */
module.exports.useMemoryFolder = function useMemoryFolder() {
  if (process.env.TMPDIR) return;
  try {
    accessSync(folder, constants.W_OK);
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, path]) => path === folder);
    const [, , type, options = ''] = mount ?? [];
    const { bavail, bsize } = statfsSync(folder);
    if (type === 'tmpfs' && !options.split(',').includes('noexec') && bavail * bsize > enough)
      process.env.TMPDIR = folder;
  } catch {
    // Not Linux, or not ours: the usual folder does.
  }
};
