import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { oneText } from '../../src/model/script';
import backup from '../../src/roles/backup/make-backup.sh';
import probe from '../../src/status/probe.sh';
import { scriptNames, scriptText } from '../support/host-scripts';

const { scriptModule } = require('../../tools/build/script-module');

/** Libraries that bash reads, or for which shellcheck is told a file, in the order of the script. */
const named = (text: string, line: RegExp) => [...text.matchAll(line)].map(([, name]) => name);
const read = /^\s*\. "\$\{?here(?::\?)?\}?\/([\w.-]+\.sh)"/gm;
const told = /^\s*# shellcheck source=([\w.-]+\.sh)$/gm;

test('every library that a script sources is named for what travels, and no other', () => {
  for (const name of scriptNames.filter((script) => script.endsWith('.sh')))
    expect({ name, libraries: named(scriptText(name), read) }).toEqual({
      name,
      libraries: named(scriptText(name), told),
    });
});

test('each script has a unique name, by which others source it', () => {
  const all = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.sh'),
  );
  expect(all.map((path) => basename(path)).sort()).toEqual(
    scriptNames.filter((name) => name.endsWith('.sh')).sort(),
  );
});

test('a script brings the libraries that it sources, and they are as they lie in the sources', () => {
  expect(Object.keys(backup.libraries).sort()).toEqual(named(backup.text, told).sort());
  for (const [name, text] of Object.entries(backup.libraries)) expect(text).toBe(scriptText(name));
});

test('as one text it has each library once, where it is sourced, and reads no file', () => {
  const text = oneText(probe, probe);
  expect(text).not.toMatch(read);
  expect(text.match(/^machine\(\) \{$/gm)).toHaveLength(1);
  expect(text.indexOf('machine() {')).toBeLessThan(text.indexOf('\nprobe() {'));
});

test('a script that sources what is not there makes no bundle', () => {
  expect(() => scriptModule('# shellcheck source=lib-nothing.sh\n', '/src/a.sh', process.cwd())).toThrow(
    "/src/a.sh: no script in src is called 'lib-nothing.sh'",
  );
});
