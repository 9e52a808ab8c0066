import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellcheckOptions, testWithShellcheck } from './support/shellcheck';

/** A file that is there when this very shellcheck has found nothing in these very scripts: it takes seconds. */
function noteOfSuccess(scripts: readonly string[]): string {
  const hash = createHash('sha256').update(spawnSync('shellcheck', ['--version']).stdout);
  for (const file of [...shellcheckOptions, '.shellcheckrc', ...scripts])
    hash.update(`\0${file}\0`).update(existsSync(file) ? readFileSync(file) : '');
  return join('node_modules', '.cache', 'k3s-cdk-shellcheck', hash.digest('hex'));
}

testWithShellcheck(
  'shellcheck finds nothing in the scripts that run on hosts and in CI, those of examples included',
  () => {
    const scripts = [
      ...readdirSync('src', { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.sh'))
        .map((name) => join('src', name)),
      ...readdirSync('examples', { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.sh'))
        .map((name) => join('examples', name)),
      '.ci/run',
    ];
    const note = noteOfSuccess(scripts);
    if (existsSync(note)) return;
    const { status, stdout } = spawnSync('shellcheck', [...shellcheckOptions, ...scripts], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, '');
  },
);
