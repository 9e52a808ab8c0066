import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { databaseSecrets } from '../../src/model/secrets';
import { ensureSecrets } from '../../src/secrets/ensure';
import { HostSandbox } from '../support/host-sandbox';
import { scriptText, withLibraries } from '../support/host-scripts';
import { appendObject, hashOf, writeKine as writeKineInto } from '../support/kine';
import { Postgres } from '../support/postgres';
import { testWith } from '../support/programs';
import { clusterYaml, Project } from '../support/project';
import { Sshd } from '../support/sshd';
import { canSandbox } from '../support/test-in-sandbox';

const testBackup = canSandbox()
  ? testWith('initdb', 'postgres', 'psql', 'pg_dump', 'openssl', 'tar')
  : (name: string) => test.skip(`${name} [SKIPPED: no user and mount namespaces]`, () => {});

const scripts = withLibraries({
  'make-backup.sh': scriptText('make-backup.sh'),
  'restore-backup.sh': scriptText('restore-backup.sh'),
  'offsite-backup.sh': scriptText('offsite-backup.sh'),
  'drill.sh': scriptText('drill.sh'),
});
const backups = '/var/backups/k3s-cdk';

let host: HostSandbox;
let postgres: Postgres;
let project: Project;
jest.setTimeout(60_000);

beforeAll(async () => {
  project = new Project(clusterYaml());
  await ensureSecrets(project.topology(), { folder: project.folder, now: new Date() });
  postgres = await Postgres.start(project.path(databaseSecrets({ name: 'storage1' }).folder));
  host = new HostSandbox();
  host.write('/etc/passwd', `root:x:0:0::/:/bin/bash\nk3s-postgres:x:0:0::/:/bin/bash\n`);
  host.stub('runuser', 'shift 3\nexec "$@"');
  host.write('/etc/group', 'root:x:0:\nk3s-postgres:x:0:\n');
  host.write(
    '/usr/local/bin/systemd-run',
    '#!/bin/bash\nwhile [[ $1 != -- ]]; do shift; done\nshift\nexec "$@"\n',
    0o755,
  );
  // The container: its /tmp has the socket. Postgres does not run as this sandbox's root, so that of a drill is another
  // database of the same server; the real one runs in the lab.
  host.write(
    '/usr/local/bin/podman',
    `#!/bin/bash
export PGPORT=${postgres.port}
! readlink /proc/$$/fd/* | grep k3s-cdk-make-backup || { echo 'podman has got the lock' >&2; exit 9; }
case $1 in
  exec) shift 3; exec "\${@/%\\/tmp/${postgres.folder.replaceAll('/', '\\/')}}" ;;
  inspect) echo sha256:4711 ;;
  run)
    [[ " $* " == *' --network none '* && " $* " == *' sha256:4711 sh -c '* ]] || exit 9
    ! flock --nonblock /run/lock/k3s-cdk-make-backup true || { echo 'nobody holds the lock' >&2; exit 9; }
    export PGHOST=${postgres.folder} PGUSER=postgres
    psql -qc 'CREATE DATABASE k3s_drill'
    pg_restore --dbname=k3s_drill --no-owner --exit-on-error /var/data/drill.work/k3s.dump &&
      psql -d k3s_drill -XAtqF ' ' -c 'SELECT count(*), coalesce(max(id), 0), coalesce(sum(length(value)), 0) FROM kine'
    status=$?
    psql -qc 'DROP DATABASE k3s_drill'
    exit $status ;;
esac
`,
    0o755,
  );
  for (const folder of ['/run/lock', '/var/data', '/var/cache', backups, '/var/lib/k3s-cdk/backup'])
    host.write(`${folder}/.keep`, '');
});
afterAll(() => {
  postgres?.stop();
  host?.remove();
});
beforeEach(() => {
  if (!postgres) return;
  for (const name of ['k3s', 'k3s_restored', 'k3s_before_restore'])
    postgres.admin(`DROP DATABASE IF EXISTS ${name}`);
  postgres.admin('CREATE DATABASE k3s OWNER k3s');
});

/** What k3s does when its token is replaced: the data under another name, the former one deleted. */
function replaceToken(from: string, to: string): void {
  postgres.admin(
    `INSERT INTO kine (name, created, deleted, create_revision, prev_revision, lease, value)
       VALUES ('/bootstrap/${hashOf(to)}', 1, 0, 0, 0, 0, 'sealed anew'), ('/bootstrap/${hashOf(from)}', 0, 1, 2, 2, 0, 'sealed')`,
    'k3s',
  );
}

const writeKine = (...values: string[]) => writeKineInto(postgres, 'token', ...values);
const append = (value: string) => appendObject(postgres, value);

const objects = (database = 'k3s') =>
  postgres
    .admin("SELECT convert_from(value, 'UTF8') FROM kine WHERE name LIKE '/registry/%' ORDER BY id", database)
    .trim()
    .split('\n');

interface Options {
  readonly token?: string;
  readonly previous?: string;
  readonly recipients?: readonly string[];
  readonly keep?: { last: number; daily: number; weekly: number };
  /** More files beside. */
  readonly files?: Readonly<Record<string, string>>;
  /** More inputs. */
  readonly env?: string;
}

function run(
  command: string,
  { token = 'token\n', previous, recipients = [], keep, files = {}, env = '' }: Options = {},
) {
  const { last, daily, weekly } = keep ?? { last: 3, daily: 7, weekly: 4 };
  const certificates = recipients.map((text, index) => [`recipient-${index + 1}.crt`, text]);
  return host.run({
    ...scripts,
    ...Object.fromEntries(certificates),
    ...files,
    token,
    ...(previous !== undefined && { 'previous-tokens': previous }),
    'backup.env': `HOST=storage1 CLUSTER=homelab DATA_DIR=/var/data SERVICE_USER=k3s-postgres DATABASE=k3s
BACKUP_DIR=${backups} NFS='' KEEP_LAST=${last} KEEP_DAILY=${daily} KEEP_WEEKLY=${weekly} DRILL_DAYS=7\n${env}\n`,
    'run.sh': `cd "$(dirname "$0")"\n${command}\n`,
  });
}

const files = () =>
  readdirSync(host.path(backups))
    .filter((name) => name.startsWith('homelab'))
    .sort();

function emptyBackups(): void {
  spawnSync('sh', ['-c', `rm -f ${host.path(backups)}/homelab*`]);
}

/** Makes a backup and returns the one file that it left. */
function makeBackup(options?: Options): string {
  emptyBackups();
  expect(run('bash make-backup.sh', options)).toEqual({
    status: 0,
    output: expect.stringMatching(/^created /),
  });
  return `${backups}/${files()[0]}`;
}

testBackup('a backup brings back what was there, and keeps what it replaces', () => {
  writeKine('one', 'two');
  const file = makeBackup();
  append('three');
  expect(run(`bash restore-backup.sh load <${file}`).output).toBe('loaded, same, 3\n');
  expect(objects()).toEqual(['one', 'two', 'three']);
  expect(run('bash restore-backup.sh swap')).toMatchObject({ status: 0 });
  expect(objects()).toEqual(['one', 'two']);
  expect(objects('k3s_before_restore')).toEqual(['one', 'two', 'three']);
  const limits =
    "SELECT datname, datconnlimit, pg_get_userbyid(datdba) FROM pg_database WHERE datname ~ '^k3s'";
  expect(postgres.admin(`${limits} ORDER BY 1`)).toBe('k3s|-1|k3s\nk3s_before_restore|-1|k3s\n');
  expect(postgres.admin("SELECT tableowner FROM pg_tables WHERE tablename = 'kine'", 'k3s')).toBe('k3s\n');
});

const tokenIn = (file: string) =>
  spawnSync('tar', ['-xOf', host.path(file), 'token'], { encoding: 'utf8' }).stdout;

testBackup('a backup that its token would not open is not made', () => {
  writeKine('one');
  emptyBackups();
  const { status, output } = run('bash make-backup.sh', { token: 'other\n', previous: 'older\n' });
  expect({ status, files: files() }).toEqual({ status: 1, files: [] });
  expect(output).toContain(
    "so a backup could not be restored: restore 'secrets/' from your copy, or fetch it with",
  );
  expect(readFileSync(host.path('/var/lib/k3s-cdk/backup/last.json'), 'utf8')).toMatch(/"lastFailure": "20/);
});

testBackup('while the token is replaced, a backup holds the one that opens it', () => {
  writeKine('one');
  const rotation = { token: 'next\n', previous: 'first\ntoken\n' };
  expect(tokenIn(makeBackup(rotation))).toBe('token\n');
  replaceToken('token', 'next');
  expect(tokenIn(makeBackup(rotation))).toBe('next\n');
});

testBackup('a token in the long form that k3s shows counts by its password, as for k3s', () => {
  writeKine('one');
  expect(tokenIn(makeBackup({ token: 'K10abc::server:token' }))).toBe('K10abc::server:token\n');
});

/** What the steps of a database host ask before they change anything, with tokens of the operator. */
function requireKnown(...tokens: string[]) {
  const needed = [
    'backup.env',
    'lib.sh',
    'lib-database-user.sh',
    'lib-postgres.sh',
    'lib-kine.sh',
    'lib-token.sh',
  ];
  const sourced = needed.map((file) => `. ./${file}`);
  return run(
    ['set -euo pipefail', `TOKENS=${tokens.map(hashOf)}`, ...sourced, 'require_known_token k3s'].join('\n'),
  );
}

testBackup("a step of a database host goes on only if the operator has the cluster's token", () => {
  writeKine('one');
  expect(requireKnown('token')).toEqual({ status: 0, output: '' });
  expect(requireKnown('new', 'token')).toEqual({ status: 0, output: '' });
  expect(requireKnown('other')).toEqual({
    status: 1,
    output: expect.stringContaining("another token than 'secrets/k3s-token', and nothing was changed"),
  });
});

testBackup(
  'restored data goes on at a revision that no client has seen, with all before it compacted',
  () => {
    writeKine('one');
    const file = makeBackup();
    append('two');
    run(`bash restore-backup.sh load <${file}`);
    run('bash restore-backup.sh swap');
    append('three');
    const newest = Number(postgres.admin("SELECT id FROM kine WHERE name = '/registry/three'", 'k3s'));
    const compacted = postgres.admin("SELECT prev_revision FROM kine WHERE name = 'compact_rev_key'", 'k3s');
    expect(newest).toBeGreaterThan(100_000_000);
    expect(Number(compacted)).toBe(newest - 1);
  },
);

testBackup('a restore that was interrupted after the swap does not replace what is kept', () => {
  writeKine('one');
  const file = makeBackup();
  append('lost');
  run(`bash restore-backup.sh load <${file}`);
  run('bash restore-backup.sh swap');
  expect(run(`bash restore-backup.sh load <${file}`).output).toBe('restored already, same, 1\n');
  append('later');
  expect(run(`bash restore-backup.sh load <${file}`).output).toBe('loaded, same, 2\n');
  expect(objects('k3s_before_restore')).toEqual(['one', 'lost']);
});

testBackup('an empty database takes a backup, and its servers another authority', () => {
  writeKine('one');
  const file = makeBackup();
  postgres.admin('DROP DATABASE k3s');
  postgres.admin('CREATE DATABASE k3s OWNER k3s');
  expect(run(`bash restore-backup.sh load <${file}`).output).toBe('loaded, other, 0\n');
  expect(run('bash restore-backup.sh swap')).toMatchObject({ status: 0 });
  expect(objects()).toEqual(['one']);
});

testBackup('a backup of another cluster, a damaged one and what is none change nothing', () => {
  writeKine('one');
  const file = makeBackup();
  append('two');
  expect(run(`bash restore-backup.sh load <${file}`, { token: 'other\n' }).output).toBe(
    'error: storage1: the backup is of a cluster with another token: nothing was changed\n',
  );
  const whole = readFileSync(host.path(file));
  const damaged = Buffer.from(whole);
  damaged.fill(0, whole.indexOf('PGDMP') + 2000, whole.indexOf('PGDMP') + 2100);
  writeFileSync(host.path(`${backups}/damaged`), damaged);
  expect(run(`bash restore-backup.sh load <${backups}/damaged`).output).toContain(
    "'k3s.dump' in the backup differs from its checksum",
  );
  writeFileSync(host.path(`${backups}/short`), whole.subarray(0, whole.length / 2));
  expect(run(`bash restore-backup.sh load <${backups}/short`).output).toContain('is incomplete');
  expect(run('bash restore-backup.sh swap').output).toContain('no backup has been loaded');
  expect(objects()).toEqual(['one', 'two']);
});

testBackup('a backup for recipients is opened by any of their keys, and by nothing else', () => {
  writeKine('one');
  const key = (name: string, ...algorithm: string[]) => {
    const [secret, certificate] = [project.path(`${name}.key`), project.path(`${name}.crt`)];
    const request = ['req', '-x509', '-nodes', '-subj', '/CN=x', '-keyout', secret, '-out', certificate];
    spawnSync('openssl', [...request, ...algorithm]);
    return { secret, certificate: readFileSync(certificate, 'utf8') };
  };
  const ec = key('ec', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1');
  const rsa = key('rsa', '-newkey', 'rsa:2048');
  const other = key('other', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1');
  const file = host.path(makeBackup({ recipients: [ec.certificate, rsa.certificate] }));
  expect(file).toMatch(/\.tar\.cms$/);
  expect(readFileSync(file).includes('PGDMP')).toBe(false);
  const open = ({ secret }: { secret: string }) =>
    spawnSync('openssl', ['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', file, '-inkey', secret])
      .stdout;
  expect(open(ec).includes('PGDMP')).toBe(true);
  expect(open(rsa).equals(open(ec))).toBe(true);
  expect(open(other).length).toBe(0);
});

testBackup('old backups go when a new one is complete, and those of other clusters stay', () => {
  writeKine('one');
  emptyBackups();
  const day = 86_400_000;
  const stamp = (time: number) => new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  // One every six hours, ninety days long.
  const now = Date.parse(`${new Date().toISOString().slice(0, 10)}T00:00:00Z`);
  for (let age = 1; age <= 360; age += 1)
    host.write(`${backups}/homelab-${stamp(now - (age * day) / 4)}.tar`, '');
  host.write(`${backups}/homelab2-${stamp(now - 80 * day)}.tar`, '');
  host.write(`${backups}/homelab-mine.tar`, '');
  expect(run('bash make-backup.sh', { keep: { last: 2, daily: 5, weekly: 3 } })).toMatchObject({ status: 0 });
  const kept = files();
  expect(kept).toContain('homelab-mine.tar');
  expect(kept).toContain(`homelab2-${stamp(now - 80 * day)}.tar`);
  const ours = kept.filter((name) => /^homelab-\d/.test(name)).reverse();
  expect(new Set(ours.map((name) => name.slice(8, 16))).size).toBeGreaterThanOrEqual(5);
  expect(ours.length).toBeLessThanOrEqual(2 + 5 + 3);
});

testBackup('a backup that fails leaves the others and says since when', () => {
  writeKine('one');
  makeBackup();
  const before = files();
  const state = () => JSON.parse(host.read('/var/lib/k3s-cdk/backup/last.json'));
  const { lastSuccess, file, bytes, lastFailure } = state();
  expect(file).toBe(`${backups}/${before[0]}`);
  expect({ lastFailure, bytes }).toEqual({ lastFailure: null, bytes: expect.any(Number) });
  const elsewhere = { offsite: null, offsiteFailure: null };
  postgres.admin('ALTER DATABASE k3s RENAME TO k3s_before_restore');
  const keep = { last: 1, daily: 0, weekly: 0 };
  const { status, output } = run('bash make-backup.sh', { keep });
  expect({ status, output }).toMatchObject({
    status: 1,
    output: expect.stringContaining('"k3s" does not exist'),
  });
  expect(files()).toEqual(before);
  expect(state()).toEqual({
    ...{ lastSuccess, file, bytes, ...elsewhere },
    lastFailure: expect.stringMatching(/^\d{4}-\S+Z$/),
  });
});

const drillState = () => JSON.parse(host.read('/var/lib/k3s-cdk/backup/drill.json'));
const time = expect.stringMatching(/^\d{4}-\S+Z$/);

testBackup('a restore drill restores the newest backup, and says which', () => {
  writeKine('one', 'two');
  const file = makeBackup();
  append('three');
  const { status, output } = run('bash drill.sh');
  expect({ status, output }).toEqual({
    status: 0,
    output: expect.stringMatching(/^homelab-\S+\.tar can be restored: \d+ rows, up to revision \d+\n$/),
  });
  expect(drillState()).toEqual({
    ...{ lastSuccess: time, since: time, lastFailure: null },
    backup: file.slice(backups.length + 1),
  });
  expect(host.has('/var/data/drill.work')).toBe(false);
});

testBackup(
  'a backup that has not all of what it says fails the drill, and the last good one stays known',
  () => {
    writeKine('one');
    makeBackup();
    run('bash drill.sh');
    const { backup, lastSuccess, since } = drillState();
    const file = `${backups}/${files()[0]}`;
    const changed = spawnSync(
      'sh',
      [
        '-c',
        `set -e; d=$(mktemp -d); cd $d; tar -xf '${host.path(file)}'; sed -i 's/"counted": "[0-9]*/&1/' manifest.json
       tar -cf '${host.path(`${backups}/homelab-29990101T000000Z.tar`)}' manifest.json token k3s.dump; rm -r $d`,
      ],
      { encoding: 'utf8' },
    );
    expect(changed.stderr).toBe('');
    const { status, output } = run('bash drill.sh');
    expect({ status, output }).toMatchObject({
      status: 1,
      output: expect.stringContaining(
        '(rows, newest revision, bytes) by its own account, and restored it has',
      ),
    });
    expect(drillState()).toEqual({ backup, lastSuccess, since, lastFailure: time });
    emptyBackups();
    expect(run('bash drill.sh').output).toContain("there is no backup in '/var/backups/k3s-cdk' to be tried");
  },
);

testBackup('an encrypted backup is tried with the key of the host, for which it is, too', () => {
  writeKine('one');
  const [key, certificate] = [project.path('drill.key'), project.path('drill.crt')];
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  spawnSync('openssl', [
    'req',
    '-x509',
    '-nodes',
    '-subj',
    '/CN=x',
    '-keyout',
    key,
    '-out',
    certificate,
    ...ec,
  ]);
  const recipients = [readFileSync(certificate, 'utf8')];
  makeBackup({ recipients });
  const own = { 'drill.key': readFileSync(key, 'utf8') };
  expect(run('bash drill.sh', { files: own }).output).toMatch(/\.tar\.cms can be restored: /);
  expect(run('bash drill.sh').output).toContain('cannot be opened with the key of this host');
});

testBackup('a drill is due when the last good one is as old as it may be', () => {
  host.stub('systemctl');
  const due = (last: string) => {
    host.write(
      '/var/lib/k3s-cdk/backup/drill.json',
      `{ "lastSuccess": ${last}, "backup": null, "since": null, "lastFailure": null }`,
    );
    host.calls();
    expect(run('bash drill.sh start-if-due')).toMatchObject({ status: 0 });
    return host.calls().filter((call) => call.startsWith('systemctl'));
  };
  const ago = (days: number) => `"${new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19)}Z"`;
  const start = ['systemctl start --no-block k3s-cdk-drill.service'];
  expect([due('null'), due(ago(6)), due(ago(7)), due(ago(400))]).toEqual([start, [], start, start]);
  expect(run('bash drill.sh start-if-due', { env: 'DRILL_DAYS=0' }).status).toBe(0);
});

describe('copies elsewhere', () => {
  const testOffsite = canSandbox() ? testWith('restic', 'initdb', 'postgres') : testBackup;
  const repository = '/var/elsewhere';
  const offsite = {
    files: { 'restic-password': 'secret\n' },
    env: `OFFSITE=${repository} OFFSITE_KEEP='--keep-last=2' PRUNE=true`,
  };
  const lastState = () => JSON.parse(host.read('/var/lib/k3s-cdk/backup/last.json'));
  beforeEach(() => {
    if (host) spawnSync('rm', ['-rf', host.path(repository), `${host.folder}/stubs/restic`]);
  });

  testOffsite(
    'are made with each backup, kept as long as they should be, and given back as they were',
    () => {
      writeKine('one');
      const names: string[] = [];
      for (const value of ['two', 'three', 'four']) {
        append(value);
        emptyBackups();
        const { status, output } = run('sleep 1.1; bash make-backup.sh', offsite);
        expect({ status, output }).toEqual({
          status: 0,
          output: expect.stringContaining(`copied it to ${repository}`),
        });
        names.push(files()[0] ?? '');
      }
      expect(lastState()).toMatchObject({ offsite: lastState().lastSuccess, offsiteFailure: null });
      const kept = readFileSync(host.path(`${backups}/${names[2]}`));
      emptyBackups();
      const got = run(`bash offsite-backup.sh >${backups}/homelab-got`, offsite);
      expect(got).toEqual({ status: 0, output: `name ${names[2]}\n` });
      expect(readFileSync(host.path(`${backups}/homelab-got`)).equals(kept)).toBe(true);
      expect(run(`bash restore-backup.sh load <${backups}/homelab-got`).output).toMatch(/^loaded, same, /);
      expect(run(`bash offsite-backup.sh ${names[0]}`, offsite).output).toContain(
        `there is no '${names[0]}' in '${repository}', but ${names[2]} ${names[1]}`,
      );
      expect(run('bash drill.sh', offsite).output).toContain(`${names[2]} can be restored`);
      expect(readdirSync(host.path(`${repository}/snapshots`))).toHaveLength(2);
    },
  );

  testOffsite('that fail leave the backup here, and say since when', () => {
    writeKine('one');
    emptyBackups();
    run('bash make-backup.sh', offsite);
    const { offsite: last } = lastState();
    const wrong = { ...offsite, files: { 'restic-password': 'wrong\n' } };
    const { status, output } = run('sleep 1.1; bash make-backup.sh', wrong);
    expect({ status, output }).toMatchObject({
      status: 1,
      output: expect.stringContaining(`restic cannot open or make the repository '${repository}'`),
    });
    expect(lastState()).toMatchObject({
      offsite: last,
      offsiteFailure: lastState().lastSuccess,
      lastFailure: null,
    });
    expect(files()).toHaveLength(2);
    // The next one that works.
    run('sleep 1.1; bash make-backup.sh', offsite);
    expect(lastState()).toMatchObject({ offsiteFailure: null });
  });

  testOffsite('over the network get their credentials from a file, and there are none in arguments', () => {
    host.stub(
      'restic',
      'env | grep -E "^(AWS|RESTIC)" >>/run/restic-env; [[ $* != *snapshots* ]] || echo "[]"',
    );
    host.write('/run/restic-env', '');
    const env = 'OFFSITE=sftp:me@nas.example.net:/x OFFSITE_KEEP=--keep-last=1 PRUNE=false';
    const extra = { 'restic.env': '# mine\nAWS_SECRET_ACCESS_KEY=a b$(id)\r\nnot a variable\n' };
    expect(run('bash make-backup.sh', { env, files: { ...offsite.files, ...extra } })).toMatchObject({
      status: 0,
    });
    expect(host.read('/run/restic-env')).toContain('AWS_SECRET_ACCESS_KEY=a b$(id)\n');
    const calls = host.calls().filter((call) => call.startsWith('restic '));
    expect(calls.join()).not.toMatch(/a b|secret/);
    expect(calls.join()).toContain('sftp.command=ssh -F none -i ');
    expect(calls.join()).not.toContain(' forget ');
  });

  const testSftp = Sshd.missing() === undefined ? testOffsite : test.skip;
  testSftp('go over SFTP, with a key and a host key of their own', async () => {
    const sshd = await Sshd.start(['ed25519'], 'Subsystem sftp internal-sftp');
    try {
      writeKine('one');
      const folder = join(sshd.folder, 'restic');
      const { username } = userInfo();
      const known = `[127.0.0.1]:${sshd.port} ${sshd.hostKey('ed25519')}\n`;
      const sftp = (hosts: string) => ({
        env: `OFFSITE=sftp://${username}@127.0.0.1:${sshd.port}/${folder} OFFSITE_KEEP=--keep-last=1 PRUNE=true`,
        files: {
          ...offsite.files,
          'restic-ssh-key': readFileSync(sshd.identity, 'utf8'),
          'restic-known-hosts': hosts,
        },
      });
      const backup = 'chmod 600 restic-*; bash make-backup.sh';
      expect(run(backup, sftp(known))).toEqual({
        status: 0,
        output: expect.stringContaining('copied it to sftp://'),
      });
      expect(readdirSync(join(folder, 'snapshots'))).toHaveLength(1);
      const other = known.replace(/ AAAA\S{20}/, (text) => ` AAAAC3NzaC1lZDI1NTE5AAAAIA${text.slice(-4)}`);
      expect(run(`sleep 1.1; ${backup}`, sftp(other)).status).toBe(1);
    } finally {
      sshd.stop();
    }
  });
});
