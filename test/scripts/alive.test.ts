import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

/** What stands in for programs, by name. */
const programs = {
  // Ends the script when nothing is left to answer.
  sleep: 'echo x >>"$0.calls"; [ "$(wc -l <"$0.calls")" -le "$(echo $ANSWERS | wc -w)" ]',
  timeout: 'shift; exec "$@"',
  openssl: `echo "$*" >>"$0.calls"
    answer=$(echo $ANSWERS | cut -d" " -f"$(wc -l <"$0.calls")")
    case $answer in [0-9]*) echo "HTTP/1.0 $answer X" ;; esac
    [ "$answer" != silent ]`,
  systemctl: '[ "$STATE" = active ]',
  podman: 'echo "$*" >>"$0.calls"',
};

/** What podman is told while Postgres answers like that. */
function told(answers: string, args = ['postgres', '127.0.0.1:5432'], state = 'active') {
  const folder = scratch();
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
    writeFileSync(join(folder, `${name}.calls`), '');
  }
  const env = { PATH: `${folder}:${process.env.PATH}`, ANSWERS: answers, STATE: state };
  const { status } = spawnSync('bash', ['src/roles/database/alive.sh', ...args], { env, timeout: 20_000 });
  expect(status).toBe(0);
  const calls = (name: string) =>
    readFileSync(join(folder, `${name}.calls`), 'utf8')
      .split('\n')
      .filter(Boolean);
  expect(calls('openssl')).toHaveLength(answers.split(' ').length);
  return calls('podman');
}

const end = 'kill --signal KILL k3s-postgres';

test('a Postgres that is silent three times in a row is ended, and then gets as much time again', () => {
  expect(told('ready silent silent silent silent silent ready')).toEqual([end]);
  expect(told('silent silent silent silent silent silent')).toEqual([end, end]);
});

test('one that answers now and then is left alone', () => {
  expect(told('silent silent ready silent silent ready silent')).toEqual([]);
});

test('one that has not started yet, or is being stopped, is left alone', () => {
  expect(told('silent silent silent silent', undefined, 'activating')).toEqual([]);
});

test('Patroni has to say that it works', () => {
  const patroni = ['patroni', '10.0.0.1:8008', '/srv/postgres/config'];
  expect(told('200 503 silent 503', patroni)).toEqual([end]);
  expect(told('200 200 200 200', patroni)).toEqual([]);
});
