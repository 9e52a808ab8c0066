import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { answers, testWhen } from './support/needs';

const testWithShellcheck = testWhen(
  answers('shellcheck', '--version'),
  'scripts are not linted: shellcheck is missing (apt-get install shellcheck)',
);

/** All optional checks but those that contradict how the scripts are written. */
const options = [
  '--external-sources',
  '--enable=all',
  // Braces around every variable add noise, not safety (SC2250); functions are used in conditions on purpose (SC2310,
  // SC2311), and a substitution whose failure matters is an assignment of its own (SC2312).
  '--exclude=SC2250,SC2310,SC2311,SC2312',
];

/** A file that is there when this very shellcheck has found nothing in these very scripts: it takes seconds. */
function noteOfSuccess(scripts: readonly string[]): string {
  const hash = createHash('sha256').update(spawnSync('shellcheck', ['--version']).stdout);
  for (const file of [...options, '.shellcheckrc', ...scripts])
    hash.update(`\0${file}\0`).update(existsSync(file) ? readFileSync(file) : '');
  return join('node_modules', '.cache', 'k3s-cdk-shellcheck', hash.digest('hex'));
}

testWithShellcheck('shellcheck finds nothing in the scripts that run on hosts and in CI', () => {
  const scripts = [
    ...readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.sh'))
      .map((name) => join('src', name)),
    '.ci/run',
  ];
  const note = noteOfSuccess(scripts);
  if (existsSync(note)) return;
  const { status, stdout } = spawnSync('shellcheck', [...options, ...scripts], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, '');
});
