import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Absolute path of a program, looked for on PATH and where Debian keeps daemons; undefined when it is not there. */
export function findProgram(name: string): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    ...postgresFolders(),
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** `test`, or a skipped test whose name says which programs it misses. */
export function testWith(...programs: string[]): (name: string, run: jest.ProvidesCallback) => void {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  if (missing.length === 0) return test;
  return (name, run) => test.skip(`${name} [SKIPPED: not installed: ${missing.join(', ')}]`, run);
}

/** Newest version first. */
function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  try {
    return readdirSync(root)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(root, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
