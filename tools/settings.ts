// Writes what k3s, the components of Kubernetes and Postgres take, from what they say themselves:
//
//     npm run settings -- FOLDER
//
// where FOLDER has `k3s-server.txt` (what `k3s server --help` prints), one such text for each component (`kube-apiserver.txt`
// and so on, by the release of Kubernetes that k3s has in it), and `postgres.csv`, which psql writes with the query below.
// What is not in the folder stays as it is, and so do names of k3s and Kubernetes that are in the lists already: clusters of
// several releases are described by them, and what k3s has built in has some of its own. Delete a list to begin it anew.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { componentFlags, type KnownSetting, k3sKeys, postgresSettings } from './known-settings';

const target = join(__dirname, '..', 'src', 'config', 'known-settings');

/** What the file of Postgres is made by, with `psql --no-psqlrc --quiet`. */
const query = `copy (select name, vartype, unit, min_val, max_val, array_to_string(enumvals, ' '), context
  from pg_settings order by name) to stdout csv`;

const folder = process.argv[2];
if (folder === undefined) {
  console.error(`usage: npm run settings -- FOLDER\n\npostgres.csv is what psql prints for\n  ${query}`);
  process.exit(2);
}

const components = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubelet'];
write('k3s-server.txt', 'k3s', 'k3sServer', k3sKeys);
write('k3s-agent.txt', 'k3s-agent', 'k3sAgent', k3sKeys);
for (const name of components) write(`${name}.txt`, name, camelCase(name), componentFlags);
write('postgres.csv', 'postgres', 'postgres', postgresSettings);

function write(
  source: string,
  name: string,
  constant: string,
  read: (text: string) => ReadonlyMap<string, KnownSetting>,
): void {
  const path = join(String(folder), source);
  if (!existsSync(path)) return;
  const before = name === 'postgres' ? {} : knownBefore(name, constant);
  const all = { ...before, ...Object.fromEntries(read(readFileSync(path, 'utf8'))) };
  const settings = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = settings.map(
    ([key, setting]) => `  ${key.includes('-') ? `'${key}'` : key}: ${form(setting)},\n`,
  );
  const type = 'KnownSettings';
  writeFileSync(
    join(target, `${name}.ts`),
    `// Written by \`npm run settings\`; changes here are lost.\n\nimport type { ${type} } from '../known-setting';\n\nexport const ${constant}: ${type} = {\n${lines.join('')}};\n`,
  );
  console.log(`${name}: ${settings.length}`);
}

function knownBefore(name: string, constant: string): Readonly<Record<string, KnownSetting>> {
  const file = join(target, `${name}.ts`);
  return existsSync(file) ? require(file)[constant] : {};
}

function form(setting: KnownSetting): string {
  const members = Object.entries(setting).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}`,
  );
  return `{ ${members.join(', ').replaceAll('"', "'")} }`;
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
