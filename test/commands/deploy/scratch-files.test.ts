import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lockDeploys } from '../../../src/commands/deploy/deploy-lock';
import { DeployLog } from '../../../src/commands/deploy/deploy-log';
import { scratchFolders } from '../../support/scratch';

const scratch = scratchFolders();
const now = new Date('2026-11-23T10:00:00Z');

test('a second deploy reports who is deploying, and may start when the first has ended', () => {
  const path = join(scratch(), 'deploy.lock');
  const unlock = lockDeploys(path, now);
  expect(() => lockDeploys(path, now)).toThrow(
    new RegExp(
      `@${hostname()} has been deploying from this folder since 2026-11-23T10:00:00.000Z \\(process ${process.pid}\\)`,
    ),
  );
  unlock();
  lockDeploys(path, now)();
  expect(existsSync(path)).toBe(false);
});

test.each([
  ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, who: 'anna', host: hostname() })],
  ['that is damaged', '{'],
])('a lock %s does not keep anybody out', (_, text) => {
  const path = join(scratch(), 'deploy.lock');
  writeFileSync(path, text);
  lockDeploys(path, now)();
  expect(existsSync(path)).toBe(false);
});

test('a lock of another machine is believed, whatever runs here', () => {
  const path = join(scratch(), 'deploy.lock');
  writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, who: 'anna', host: 'elsewhere' }));
  expect(() => lockDeploys(path, now)).toThrow('anna@elsewhere has been deploying');
});

test('a log can be read by its owner alone, and holds no secret', () => {
  const folder = join(scratch(), 'logs');
  const log = new DeployLog(folder, 'deploy-1', ['K10abcdef::server:token', 'short']);
  log.add('the token is K10abcdef::server:token, in short');
  expect(readFileSync(log.path, 'utf8')).toBe('the token is ***, in short\n');
  expect([log.path, folder].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['600', '700']);
});

test('the last twenty logs are kept, and nothing else is deleted', () => {
  const folder = join(scratch(), 'logs');
  mkdirSync(folder);
  for (let i = 10; i < 40; i += 1) writeFileSync(join(folder, `deploy-${i}.log`), '');
  renameSync(join(folder, 'deploy-10.log'), join(folder, 'destroy-10.log'));
  writeFileSync(join(folder, 'notes.txt'), '');
  new DeployLog(folder, 'destroy-40', []);
  const names = readdirSync(folder).sort();
  expect([names.length, names[0], names.at(-2), names.at(-1)]).toEqual([
    21,
    'deploy-21.log',
    'destroy-40.log',
    'notes.txt',
  ]);
});

test('a log is plain text, and is not filled without an end', () => {
  const folder = join(scratch(), 'logs');
  const log = new DeployLog(folder, 'deploy-1', [], 50);
  log.add('\u001b]0;title\u0007said \u001b[2Jby a host');
  for (let i = 0; i < 1000; i += 1) log.add('again and again');
  expect(readFileSync(log.path, 'utf8')).toBe(
    'said by a host\nagain and again\nagain and again\n… the log is full: the rest is left out\n',
  );
});
