import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Scripts that run on hosts, by name; each name is there once. */
const paths = new Map(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((path) => join('src', path))
    .filter((path) => /\.(sh|py)$/.test(path))
    .map((path) => [basename(path), path]),
);

export const scriptNames: readonly string[] = [...paths.keys()];

/** @param name `nfs.sh` */
export function scriptPath(name: string): string {
  const path = paths.get(name);
  if (path === undefined) throw new Error(`no role has a script '${name}'`);
  return path;
}

const sourced = /^ *\. "\$\{?here(?::\?)?\}?\/([\w.-]+\.sh)"/gm;

/** Files of a step with the libraries that their scripts source, and those that these do. Those that are given stay. */
export function withLibraries(files: Readonly<Record<string, string>>): Record<string, string> {
  const all = { ...files };
  const add = (text: string) => {
    for (const [, name = ''] of text.matchAll(sourced)) {
      if (name in all || !paths.has(name)) continue;
      all[name] = scriptText(name);
      add(all[name]);
    }
  };
  for (const [name, text] of Object.entries(files)) if (name.endsWith('.sh')) add(text);
  return all;
}

export function scriptText(name: string): string {
  return readFileSync(scriptPath(name), 'utf8');
}

/** A step of a test's own that calls functions of libraries: `lib.sh`, and those named. */
export function callingScript(libraries: readonly string[], commands: string): string {
  const sources = ['lib.sh', ...libraries].map((name) => `. "$here/${name}"`);
  return [
    'set -euo pipefail',
    'here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)',
    ...sources,
    commands,
    '',
  ].join('\n');
}
