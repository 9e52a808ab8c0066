import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { backupCommand } from '../../../src/commands/backup';
import { restoreCommand } from '../../../src/commands/restore/restore';
import type { RestoreOptions } from '../../../src/commands/restore/restore-options';
import { previousTokens, tokenFile } from '../../../src/model/secrets';
import type { Host } from '../../../src/model/topology';
import { ensureSecrets } from '../../../src/secrets/ensure';
import type { RunOnHostOptions } from '../../../src/ssh/client';
import { SshError } from '../../../src/ssh/ssh-error';
import { testWith } from '../../support/programs';
import { clusterYaml, Project } from '../../support/project';
import { RecordingTerminal } from '../../support/recording-terminal';
import { tar } from '../../support/tar';

const testTar = testWith('tar', 'openssl');
const now = new Date('2026-11-23T03:30:00Z');

/** Hosts that do as they are told, and remember it. */
class FakeHosts {
  readonly done: string[] = [];
  /** What loading says. */
  loaded = 'loaded, same, 312';
  off: readonly string[] = [];
  /** Where the login fails. */
  closed: readonly string[] = [];
  /** Where nobody may be root. */
  withoutSudo: readonly string[] = [];
  /** Where no backup step has run. */
  bare: readonly string[] = [];
  backup = Buffer.from('a backup');
  /** What is kept elsewhere under this name. */
  elsewhere = 'homelab-20261123T033000Z.tar';

  async run(host: Host, command: string, { input, output }: RunOnHostOptions) {
    const told = `${command}\n${input ?? ''}`;
    const what =
      [
        'make-backup',
        'offsite-backup',
        'restore-backup.sh load',
        'restore-backup.sh swap',
        'systemctl stop k3s',
      ]
        .concat(['ASIDE=true', 'ASIDE=false', 'restart --no-block k3s-agent'])
        .find((part) => told.replaceAll(/['\\]/g, '').includes(part)) ?? told;
    this.done.push(`${host.name}: ${what}`);
    if (this.off.includes(host.name)) throw new SshError('unreachable', host, 'does not answer');
    if (this.closed.includes(host.name)) throw new SshError('permission-denied', host, 'refuses user');
    if (this.withoutSudo.includes(host.name))
      return { exitCode: 77, stdout: '', stderr: 'sudo: a password is required\n' };
    if (this.bare.includes(host.name)) return { exitCode: 127, stdout: '', stderr: '' };
    if (output) (output as Writable).write(this.backup);
    const sum = createHash('sha256').update(this.backup).digest('hex');
    return {
      exitCode: 0,
      stdout: what.endsWith('load') ? `${this.loaded}\n` : 'ready\n',
      stderr:
        what === 'make-backup'
          ? `sha256 ${sum}\n`
          : what === 'offsite-backup'
            ? `name ${this.elsewhere}\n`
            : '',
    };
  }

  async close(): Promise<void> {}
}

async function initialised(): Promise<Project> {
  const project = new Project(clusterYaml());
  writeFileSync(project.path('known_hosts'), '');
  await ensureSecrets(project.topology(), { folder: project.folder, now });
  return project;
}

/** A backup as a host makes it. */
function makeBackup(project: Project, token = project.read(tokenFile), dump = 'PGDMP'): string {
  const sum = (text: string) => createHash('sha256').update(text).digest('hex');
  const manifest = {
    format: 1,
    cluster: 'homelab',
    created: '20261123T033000Z',
    host: 'storage1',
    postgres: 17,
    sha256: { token: sum(token), 'k3s.dump': sum('PGDMP') },
  };
  const files = { 'manifest.json': JSON.stringify(manifest), token, 'k3s.dump': dump };
  for (const [name, text] of Object.entries(files)) writeFileSync(project.path(name), text);
  execFileSync('tar', ['-C', project.folder, '-cf', project.path('b.tar'), ...Object.keys(files)]);
  for (const name of Object.keys(files)) rmSync(project.path(name));
  return project.path('b.tar');
}

async function restore(
  project: Project,
  file: string | undefined,
  {
    hosts = new FakeHosts(),
    answers = [] as string[],
    ...options
  }: Partial<RestoreOptions> & {
    hosts?: FakeHosts;
    answers?: string[];
  } = {},
) {
  const terminal = new RecordingTerminal(project.folder);
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answers.shift() ?? '';
  };
  const all = { file: project.file, yes: false, skipUnreachable: false, tokenOnly: false, ...options };
  const exitCode = await restoreCommand(
    file,
    all,
    { ask, clock: () => 0, environment: {}, ssh: hosts },
    terminal,
  );
  const errors = terminal.errors.filter((line) => !line.startsWith('warning: no host key'));
  return { exitCode, done: hosts.done, errors, questions, printed: terminal.printed };
}

testTar(
  'a restore asks twice, then stops the servers, swaps, and starts one server before the others',
  async () => {
    const project = await initialised();
    const { exitCode, done, questions, errors } = await restore(project, makeBackup(project), {
      answers: ['homelab', 'homelab'],
    });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: [] });
    expect(questions[1]).toContain('the database has 312 objects now');
    expect(done).toEqual([
      'storage1: restore-backup.sh load',
      'server1: systemctl stop k3s',
      'server2: systemctl stop k3s',
      'storage1: restore-backup.sh swap',
      'server1: ASIDE=false',
      'server2: ASIDE=false',
    ]);
  },
);

testTar('any other answer than the name of the cluster changes nothing', async () => {
  const project = await initialised();
  const file = makeBackup(project);
  const first = await restore(project, file, { answers: ['yes'] });
  expect({ exitCode: first.exitCode, done: first.done }).toEqual({ exitCode: 1, done: [] });
  const second = await restore(project, file, { answers: ['homelab', 'y'] });
  expect(second).toMatchObject({ exitCode: 1, done: ['storage1: restore-backup.sh load'] });
});

testTar(
  'servers take the authorities of a backup that has others, and agents fetch new certificates',
  async () => {
    const project = await initialised();
    const hosts = Object.assign(new FakeHosts(), { loaded: 'loaded, other, 0' });
    const { done } = await restore(project, makeBackup(project), { hosts, yes: true });
    expect(done.slice(-3)).toEqual([
      'server1: ASIDE=true',
      'server2: ASIDE=true',
      'agent1: restart --no-block k3s-agent',
    ]);
  },
);

testTar('a server that answers and rejects the login is not skipped as one that is off', async () => {
  const project = await initialised();
  const hosts = Object.assign(new FakeHosts(), { closed: ['server2'] });
  const { exitCode, errors, done } = await restore(project, makeBackup(project), {
    ...{ hosts, yes: true, skipUnreachable: true },
  });
  expect(exitCode).toBe(1);
  expect(errors.join()).toMatch(
    /refuses user\na server that still runs [^:]*: repair the login; the database was not/,
  );
  expect(done.join()).not.toContain('swap');
});

testTar('a database host that lets nobody be root is not one without backup programs', async () => {
  const project = await initialised();
  const hosts = Object.assign(new FakeHosts(), { withoutSudo: ['storage1'] });
  const { exitCode, errors, done } = await restore(project, makeBackup(project), { hosts, yes: true });
  expect(exitCode).toBe(1);
  expect(errors).toEqual([expect.stringMatching(/^error: storage1 does not let user '.*' use sudo/)]);
  expect(done).toEqual(['storage1: restore-backup.sh load']);
});

testTar('a restore that died after the swap goes on with the start', async () => {
  const project = await initialised();
  const hosts = Object.assign(new FakeHosts(), { loaded: 'restored already, same, 312' });
  const { done } = await restore(project, makeBackup(project), { hosts, yes: true });
  expect(done).toEqual(['storage1: restore-backup.sh load', 'server1: ASIDE=false', 'server2: ASIDE=false']);
});

testTar('a server that cannot be reached ends it before the swap, and the others run again', async () => {
  const project = await initialised();
  const hosts = Object.assign(new FakeHosts(), { off: ['server2'] });
  const refused = await restore(project, makeBackup(project), { hosts, yes: true });
  expect(refused.exitCode).toBe(1);
  expect(refused.errors.join()).toContain('or give --skip-unreachable if it is known to be off');
  expect(refused.done.slice(-1)).toEqual(['server1: ASIDE=false']);
  expect(refused.done.join()).not.toContain('swap');
  hosts.done.length = 0;
  const skipped = await restore(project, makeBackup(project), { hosts, yes: true, skipUnreachable: true });
  expect(skipped.exitCode).toBe(0);
  expect(skipped.done.slice(-2)).toEqual(['storage1: restore-backup.sh swap', 'server1: ASIDE=false']);
});

testTar('a new database host is first made one, with the servers stopped', async () => {
  const project = await initialised();
  const hosts = Object.assign(new FakeHosts(), { bare: ['storage1'] });
  const { exitCode, errors, done } = await restore(project, makeBackup(project), { hosts, yes: true });
  expect(exitCode).toBe(1);
  expect(errors.join()).toContain(' -target=null_resource.storage1_database-backup ');
  expect(errors[1]).toBe('  k3s-cdk synth');
  expect(done.slice(1)).toEqual(['server1: systemctl stop k3s', 'server2: systemctl stop k3s']);
});

testTar('nothing is touched for a backup of another cluster, a damaged one, or what is none', async () => {
  const project = await initialised();
  const other = await restore(project, makeBackup(project, `${'0'.repeat(64)}\n`), { yes: true });
  expect(other).toMatchObject({ exitCode: 1, done: [] });
  expect(other.errors[0]).toContain("a cluster with another token than 'secrets/k3s-token'");
  const damaged = await restore(project, makeBackup(project, undefined, 'PGDMX'), { yes: true });
  expect(damaged).toMatchObject({ exitCode: 1, done: [] });
  expect(damaged.errors[0]).toContain('a checksum in it does not match');
  const none = await restore(project, project.file, { yes: true });
  expect(none.errors).toEqual([`error: '${project.file}' is not a backup of k3s-cdk: give another file`]);
  const missing = await restore(project, '/nowhere', { yes: true });
  expect(missing.errors[0]).toMatch(/^error: '\/nowhere' cannot be read: there is no such file$/);
  const device = await restore(project, '/dev/zero', { yes: true });
  expect(device.errors[0]).toBe("error: '/dev/zero' is not a regular file: give the file of a backup");
});

test('a forged backup is rejected before any host is contacted', async () => {
  const project = await initialised();
  const sum = (text: string) => createHash('sha256').update(text).digest('hex');
  const token = project.read(tokenFile);
  const manifest = {
    ...{ format: 1, cluster: 'homelab', created: '20261123T033000Z', host: 'storage1', postgres: 17 },
    sha256: { token: sum(token), 'k3s.dump': sum('PGDMP') },
  };
  const file = project.path('evil.tar');
  const attempt = async (changes: object, text?: string) => {
    const written = text ?? JSON.stringify({ ...manifest, ...changes });
    const members = { 'manifest.json': written, token, 'k3s.dump': 'PGDMP' };
    writeFileSync(file, tar(Object.entries(members).map(([name, content]) => ({ name, content }))));
    return restore(project, file, { yes: true });
  };
  expect(await attempt({})).toMatchObject({ exitCode: 0 });
  const damaged = `error: '${file}' is damaged: its manifest cannot be read, so take another backup`;
  for (const changes of [
    { cluster: 'x\u001b]0;y\u0007' },
    { cluster: 'x'.repeat(1000) },
    { created: '20269999T999999Z' },
    { created: 5 },
    { host: { toString: 1 } },
    { postgres: '17' },
    { sha256: null },
    { sha256: { token: 1 } },
    { format: '1' },
  ])
    expect(await attempt(changes)).toMatchObject({ exitCode: 1, done: [], errors: [damaged] });
  for (const text of ['', '{', 'null', '[]', '"x"', `{"a":${'['.repeat(200_000)}`, ' '.repeat(1_000_000)])
    expect(await attempt({}, text)).toMatchObject({ exitCode: 1, done: [], errors: [damaged] });
  expect((await attempt({ format: 2 })).errors[0]).toContain('was made by a newer k3s-cdk');
  writeFileSync(file, tar([{ name: 'manifest.json', type: '2' }]));
  expect((await restore(project, file, { yes: true })).errors[0]).toContain(
    "'manifest.json', which is not a regular",
  );
});

testTar('an encrypted backup is opened with the right key alone', async () => {
  const project = await initialised();
  const key = (name: string) => {
    const files = ['-keyout', project.path(`${name}.key`), '-out', project.path(`${name}.crt`)];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=x'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...files], { stdio: 'ignore' });
    return project.path(`${name}.key`);
  };
  const [right, wrong] = [key('right'), key('wrong')];
  const sealed = project.path('b.tar.cms');
  const encrypt = ['cms', '-encrypt', '-binary', '-outform', 'DER', '-aes256', '-in', makeBackup(project)];
  execFileSync('openssl', [...encrypt, '-out', sealed, project.path('right.crt')]);
  expect(await restore(project, sealed, { yes: true, key: right })).toMatchObject({ exitCode: 0 });
  const refused = await restore(project, sealed, { yes: true, key: wrong });
  expect(refused).toMatchObject({ exitCode: 1, done: [] });
  expect(refused.errors[0]).toContain('it is encrypted for another key (give that with --key), or damaged');
  const without = await restore(project, sealed, { yes: true });
  expect(without.errors[0]).toContain("secrets/backup.key' cannot be read: give the key of a recipient");
});

testTar('the token of a lost folder comes back from a backup, and never over another', async () => {
  const project = await initialised();
  const token = project.read(tokenFile);
  const file = makeBackup(project);
  rmSync(project.path('secrets'), { recursive: true });
  expect((await restore(project, file, { yes: true })).errors[0]).toContain('--token-only');
  expect(await restore(project, file, { tokenOnly: true })).toMatchObject({ exitCode: 0, done: [] });
  expect(project.read(tokenFile)).toBe(token);
  const other = makeBackup(project, `${'0'.repeat(64)}\n`);
  expect(await restore(project, other, { tokenOnly: true })).toMatchObject({ exitCode: 1 });
  expect(project.read(tokenFile)).toBe(token);
});

testTar('a backup from before the token was replaced asks for that token first', async () => {
  const project = await initialised();
  const token = project.read(tokenFile);
  const file = makeBackup(project);
  await ensureSecrets(project.topology(), { folder: project.folder, now, rotate: 'servers' });
  const replaced = project.read(tokenFile);
  const refused = await restore(project, file, { yes: true });
  expect(refused).toMatchObject({ exitCode: 1, done: [] });
  expect(refused.errors[0]).toContain("restore that with --token-only and 'k3s-cdk deploy'");
  expect(await restore(project, file, { tokenOnly: true })).toMatchObject({ exitCode: 0, done: [] });
  expect(project.read(tokenFile)).toBe(token);
  expect(project.read(previousTokens(tokenFile))).toBe(token + replaced);
  await ensureSecrets(project.topology(), { folder: project.folder, now });
  expect(await restore(project, file, { yes: true })).toMatchObject({ exitCode: 0 });
});

test('a backup comes here as a private file that replaces nothing', async () => {
  const project = await initialised();
  const terminal = new RecordingTerminal(project.folder);
  const options = { file: project.file, output: project.path('mine.tar') };
  expect(await backupCommand(options, { now, ssh: new FakeHosts() }, terminal)).toBe(0);
  expect(project.read('mine.tar')).toBe('a backup');
  expect(statSync(project.path('mine.tar')).mode & 0o777).toBe(0o600);
  expect(await backupCommand(options, { now, ssh: new FakeHosts() }, terminal)).toBe(1);
  expect(terminal.errors.at(-1)).toContain("mine.tar' exists already");
});

test('a backup that does not come whole leaves nothing', async () => {
  const project = await initialised();
  const terminal = new RecordingTerminal(project.folder);
  const hosts = new FakeHosts();
  const run = hosts.run.bind(hosts);
  hosts.run = async (host, command, options) => {
    const result = await run(host, command, options);
    options.output?.write('noise');
    return result;
  };
  const options = { file: project.file, output: project.path('mine.tar') };
  expect(await backupCommand(options, { now, ssh: hosts }, terminal)).toBe(1);
  expect(terminal.errors.at(-1)).toBe('error: the backup was damaged on its way here: run the command again');
  expect(readdirSync(project.folder).filter((name) => name.startsWith('mine'))).toEqual([]);
});

test('a backup that cannot be stored here is not made, and no other file is removed', async () => {
  const project = await initialised();
  const terminal = new RecordingTerminal(project.folder);
  const hosts = new FakeHosts();
  for (const output of ['/nope/mine.tar', '/proc/nope.tar', project.path('secrets/k3s-token/mine.tar'), '/'])
    expect(await backupCommand({ file: project.file, output }, { now, ssh: hosts }, terminal)).toBe(1);
  expect(terminal.errors.filter((line) => line.startsWith('error'))).toEqual([
    "error: cannot write '/nope/mine.tar': there is no folder '/nope'",
    expect.stringMatching(/^error: cannot write '\/proc\/nope\.tar': /),
    `error: cannot write '${project.path('secrets/k3s-token/mine.tar')}': '${project.path('secrets/k3s-token')}' is not a folder`,
    "error: '/' is a folder: name a file in it",
  ]);
  expect(hosts.done).toEqual([]);
  writeFileSync(project.path('mine.tar.part'), 'mine');
  const options = { file: project.file, output: project.path('mine.tar') };
  expect(await backupCommand(options, { now, ssh: hosts }, terminal)).toBe(0);
  expect(project.read('mine.tar.part')).toBe('mine');
});

const offsite = 'database: { backup: { offsite: { repository: /mnt/restic } } }\n';

testTar(
  'the newest backup that is kept elsewhere is fetched by its host and restored as any other',
  async () => {
    const project = await initialised();
    const file = makeBackup(project);
    const hosts = Object.assign(new FakeHosts(), { backup: readFileSync(file) });
    expect(await restore(project, undefined, { hosts, yes: true, offsite: true })).toMatchObject({
      errors: ["error: no backups are kept elsewhere: 'database.backup.offsite' is not set"],
      done: [],
    });
    writeFileSync(project.file, `${clusterYaml()}${offsite}`);
    const { exitCode, done, printed, errors } = await restore(project, undefined, {
      hosts,
      yes: true,
      offsite: true,
    });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: [] });
    expect(printed.join('\n')).toContain('storage1: got homelab-20261123T033000Z.tar from elsewhere');
    expect(done.slice(0, 3)).toEqual([
      'storage1: offsite-backup',
      'storage1: restore-backup.sh load',
      'server1: systemctl stop k3s',
    ]);
  },
);

testTar('what comes from elsewhere is checked like a file of a stranger', async () => {
  const project = await initialised();
  writeFileSync(project.file, `${clusterYaml()}${offsite}`);
  const hosts = new FakeHosts();
  const options = { hosts, yes: true, offsite: true };
  expect((await restore(project, undefined, options)).errors).toEqual([
    "error: 'homelab-20261123T033000Z.tar' is not a backup of k3s-cdk: give another file",
  ]);
  Object.assign(hosts, { elsewhere: '\u001b]0;x\u0007' });
  expect((await restore(project, undefined, options)).errors.join()).toContain('did not get a backup');
  expect(hosts.done.filter((what) => !what.endsWith('offsite-backup'))).toEqual([]);
});

testTar('a new database host that cannot fetch it yet is first made one', async () => {
  const project = await initialised();
  writeFileSync(project.file, `${clusterYaml()}${offsite}`);
  const hosts = Object.assign(new FakeHosts(), { bare: ['storage1'] });
  const { exitCode, done, errors } = await restore(project, undefined, { hosts, yes: true, offsite: true });
  expect(exitCode).toBe(1);
  expect(done).toEqual([
    'storage1: offsite-backup',
    'server1: systemctl stop k3s',
    'server2: systemctl stop k3s',
  ]);
  expect(errors.join('\n')).toContain('storage1 has no database yet. k3s is stopped on the servers');
});

test('a restore without a backup says what to name', async () => {
  const project = await initialised();
  expect((await restore(project, undefined)).errors.join()).toContain('give --offsite for the newest one');
});
