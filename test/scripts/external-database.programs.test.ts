import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envFile } from '../../src/hosts/env-file';
import { clientVariables } from '../../src/model/external-database';
import { serverSecrets } from '../../src/model/secrets';
import { checkScript } from '../../src/preflight/check-script';
import { serverUpload } from '../../src/roles/k3s/server-upload';
import { ensureSecrets } from '../../src/secrets/ensure';
import { probeScript } from '../../src/status/probe-script';
import { databaseCertificates } from '../support/database-certificates';
import { HostSandbox } from '../support/host-sandbox';
import { scriptText, withLibraries } from '../support/host-scripts';
import { appendObject, hashOf, writeKine as writeKineInto } from '../support/kine';
import { Postgres } from '../support/postgres';
import { testWith } from '../support/programs';
import { Project } from '../support/project';
import { canSandbox } from '../support/test-in-sandbox';

const testDatabase = canSandbox()
  ? testWith('initdb', 'postgres', 'psql', 'pg_dump', 'openssl', 'tar')
  : (name: string) => test.skip(`${name} [SKIPPED: no user and mount namespaces]`, () => {});

const password = 'p@ss:w\\ord/%"\'$x';
const theirs = mkdtempSync(join(tmpdir(), 'k3s-cdk-theirs-'));
let postgres: Postgres;
let host: HostSandbox;
jest.setTimeout(120_000);

beforeAll(async () => {
  await databaseCertificates(theirs);
  postgres = await Postgres.start(
    theirs,
    'hostssl all k3s 127.0.0.1/32 scram-sha-256\nhostssl all bycert 127.0.0.1/32 cert\n',
  );
  postgres.admin('CREATE ROLE bycert LOGIN IN ROLE k3s');
});
afterAll(() => {
  postgres?.stop();
  rmSync(theirs, { recursive: true });
});
beforeEach(() => {
  if (!postgres) return;
  for (const name of ['k3s', 'k3s_restored', 'k3s_before_restore'])
    postgres.admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  postgres.admin('CREATE DATABASE k3s OWNER k3s');
  postgres.admin(`ALTER ROLE k3s NOCREATEDB PASSWORD '${password.replace("'", "''")}'`);
  host = new HostSandbox();
  host.write('/etc/hosts', '127.0.0.1 localhost\n');
  // Trusts nobody that matters.
  host.write('/etc/ssl/certs/ca-certificates.crt', readFileSync(join(theirs, 'client.crt')));
  for (const folder of ['/run/lock', '/var/backups/k3s-cdk', '/var/lib/k3s-cdk/backup'])
    host.write(`${folder}/.keep`, '');
});
afterEach(() => host?.remove());

/** A cluster with that database, and what its operator has. */
async function cluster(external = '', written = password) {
  const project = new Project(`name: homelab
ssh: { user: pi }
k3s: { version: v1.36.5+k3s1 }
hosts: [{ name: server1, address: 192.168.1.11, roles: [server] }]
database:
  external: { addresses: [127.0.0.1], port: ${postgres.port}, ca: ca.crt${external} }
`);
  copyFileSync(join(theirs, 'ca.crt'), project.path('ca.crt'));
  const topology = project.topology();
  await ensureSecrets(topology, { folder: project.folder, now: new Date() });
  writeFileSync(project.path('secrets/database-password'), `${written}\n`);
  for (const kind of ['crt', 'key'])
    copyFileSync(join(theirs, `client.${kind}`), project.path(`secrets/database-client.${kind}`));
  const { findings } = await ensureSecrets(topology, { folder: project.folder, now: new Date() });
  expect(findings).toEqual([]);
  const [server] = topology.servers;
  if (!server) throw new Error('no server');
  const { env } = serverUpload(server, topology);
  return {
    project,
    topology,
    upload: project.path(serverSecrets(server).folder),
    variables: {
      ...{ HOST: 'server1', ...env, ...clientVariables(topology.database) },
      ...{ TITLE: 'Postgres', ADDRESSES: topology.database.addresses.join(' ') },
      ...{
        DATABASE: 'k3s',
        USER_NAME: topology.database.user,
        SERVERS: 1,
        SETTINGS: 'network.pods=10.42.0.0/16',
      },
      ...{ CHANGE_SETTINGS: false, LEAVE_DATA: false, LAST_VERSION: '' },
      TOKENS: hashOf(project.read('secrets/k3s-token')),
    },
  };
}
type Cluster = Awaited<ReturnType<typeof cluster>>;

function check({ upload, variables }: Cluster, others: Record<string, string | number | boolean> = {}) {
  const scripts = { 'run.sh': scriptText('external-database.sh') };
  return host.run(
    withLibraries({
      ...scripts,
      'uninstall-external-database.sh': scriptText('external-database-uninstall.sh'),
      'step.env': envFile({ ...variables, ...others }),
    }),
    upload,
  );
}

const writeKine = (token: string, ...values: string[]) => writeKineInto(postgres, token, ...values);

const objects = (database = 'k3s') =>
  postgres
    .admin("SELECT convert_from(value, 'UTF8') FROM kine WHERE name LIKE '/registry/%' ORDER BY id", database)
    .trim();

const folder = '/usr/local/libexec/k3s-cdk/external-database';

testDatabase('a server is let in with the password, which only root can read on it', async () => {
  const { status, output } = check(await cluster());
  expect(output).toContain(
    `Postgres ${postgres.admin('SHOW server_version').trim()} answers at 127.0.0.1:${postgres.port}`,
  );
  expect(status).toBe(0);
  expect(output).not.toContain(password);
  expect(host.mode(folder)).toBe('700');
  expect(readdirSync(host.path(folder)).map((name) => `${name} ${host.mode(`${folder}/${name}`)}`)).toEqual([
    'ca.crt 600',
    'passfile 600',
    'password 600',
  ]);
});

testDatabase('or with a client certificate; what was there of another way is removed', async () => {
  check(await cluster());
  const { status, output } = check(await cluster(', authentication: certificate, user: bycert'));
  expect(output).toContain('answers at 127.0.0.1');
  expect(status).toBe(0);
  expect(readdirSync(host.path(folder))).toEqual(['ca.crt', 'client.crt', 'client.key']);
});

testDatabase('each reason why k3s could not start is said with what to do', async () => {
  expect(check(await cluster('', 'wrong')).output).toMatch(
    /server1: Postgres at 127\.0\.0\.1:\d+ does not let this server in as 'k3s': .*password authentication failed.*: see 'user' and 'authentication'/s,
  );
  const good = await cluster();
  expect(check(good, { PGDATABASE: 'nothing' }).output).toMatch(/create it, with 'k3s' as its owner/);
  expect(check(good, { DATASTORE_CA: 'system' }).output).toMatch(
    /see 'database.external.ca' and 'addresses'/,
  );
  expect(check(good, { PGHOST: 'localhost' }).output).toMatch(/see 'database.external.ca' and 'addresses'/);
  postgres.admin('ALTER DATABASE k3s OWNER TO postgres');
  expect(check(good).output).toMatch(
    /may not make the table 'kine' in database 'k3s'.*ALTER DATABASE k3s OWNER/s,
  );
});

testDatabase('few connections are a warning', async () => {
  expect(check(await cluster(), { SERVERS: 3 }).output).toContain(
    "Postgres allows 100 connections, and k3s may open 100 on each of 3 servers: raise its 'max_connections' to 320",
  );
});

testDatabase('an empty database is no start for a cluster that has run', async () => {
  const run = await cluster();
  host.write('/var/lib/rancher/k3s/server/tls/server-ca.crt', '');
  const refused = check(run);
  expect(refused.status).toBe(1);
  expect(refused.output).toMatch(
    /this cluster has run before, and the database 'k3s' at .* has no data of k3s/,
  );
  expect(check(run, { LEAVE_DATA: true }).status).toBe(0);
  writeKine(run.project.read('secrets/k3s-token'));
  expect(check(run).status).toBe(0);
});

testDatabase('the data of another cluster is refused', async () => {
  writeKine('other');
  const { status, output } = check(await cluster());
  expect(status).toBe(1);
  expect(output).toContain("encrypted with another token than 'secrets/k3s-token', and nothing was changed");
});

function backup({ project, variables }: Cluster, command: string) {
  return host.run({
    ...withLibraries({
      'make-backup.sh': scriptText('make-backup.sh'),
      'restore-backup.sh': scriptText('restore-backup.sh'),
    }),
    token: project.read('secrets/k3s-token'),
    'backup.env': envFile({
      ...variables,
      ...{
        CLUSTER: 'homelab',
        DATA_DIR: '/var/lib/k3s-cdk/backup',
        BACKUP_DIR: '/var/backups/k3s-cdk',
        NFS: '',
      },
      ...{ KEEP_LAST: 3, KEEP_DAILY: 7, KEEP_WEEKLY: 4 },
    }),
    'run.sh': `cd "$(dirname "$0")"\n${command}\n`,
  });
}

testDatabase(
  'a backup is made over the network and restored, where the user may create a database',
  async () => {
    const ours = await cluster();
    check(ours);
    writeKine(ours.project.read('secrets/k3s-token'), 'one', 'two');
    expect(backup(ours, 'bash make-backup.sh')).toEqual({
      status: 0,
      output: expect.stringMatching(/^created /),
    });
    const [file] = readdirSync(host.path('/var/backups/k3s-cdk')).filter((name) => name.endsWith('.tar'));
    appendObject(postgres, 'three');
    const load = `bash restore-backup.sh load </var/backups/k3s-cdk/${file}`;
    expect(backup(ours, load).output).toContain(
      `run 'ALTER ROLE "k3s" CREATEDB' as the administrator of the server`,
    );
    postgres.admin('ALTER ROLE k3s CREATEDB');
    expect(backup(ours, load).output).toBe('loaded, same, 3\n');
    expect(backup(ours, 'bash restore-backup.sh swap')).toMatchObject({ status: 0 });
    expect(objects()).toBe('one\ntwo');
    expect(objects('k3s_before_restore')).toBe('one\ntwo\nthree');
    expect(backup(ours, load).output).toBe('restored already, same, 2\n');
  },
);

testDatabase('status sees the version, the table, and when certificates expire', async () => {
  const ours = await cluster();
  check(ours);
  writeKine(ours.project.read('secrets/k3s-token'));
  const [server] = ours.topology.servers;
  const script = probeScript(ours.topology, server as NonNullable<typeof server>, 30_000);
  const { output } = host.run({ 'run.sh': script });
  expect(output).toMatch(/^datastore-facts\t\d+[\d. ()\w+~-]*\t100\t\d+\t[1-9]\d*\tt$/m);
  expect(output).toMatch(
    new RegExp(`^datastore-certificate\\t127.0.0.1:${postgres.port}\\t\\d{4}-.*Z$`, 'm'),
  );
  postgres.admin("ALTER ROLE k3s PASSWORD 'another'");
  expect(host.run({ 'run.sh': script }).output).toMatch(
    /^datastore-failure\t.*password authentication failed/m,
  );
});

testDatabase('doctor sees whether it answers and whether its certificate is for its address', async () => {
  const ours = await cluster();
  const doctor = ({ topology }: Cluster, authority: string) => {
    const [server] = topology.servers;
    const secrets = { tokens: [], authority: '', externalAuthority: authority };
    const script = checkScript(topology, server as NonNullable<typeof server>, secrets);
    return host
      .run({ 'run.sh': script })
      .output.split('\n')
      .filter((line) => /^problem.*database/.test(line));
  };
  const ca = ours.project.read('ca.crt');
  expect(doctor(ours, ca)).toEqual([]);
  expect(doctor(ours, '')[0]).toMatch(
    /^problem\terror\tthe database at 127\.0\.0\.1:\d+ does not show a certificate that is valid for this address \(verify error:.*\): set 'database.external.ca'/,
  );
  const elsewhere = ours.project.read('cluster.yaml').replace('127.0.0.1', 'localhost');
  expect(doctor({ ...ours, topology: new Project(elsewhere).topology() }, ca)[0]).toMatch(/mismatch/i);
  const gone = ours.project.read('cluster.yaml').replace(`${postgres.port}`, '1');
  expect(doctor({ ...ours, topology: new Project(gone).topology() }, ca)).toEqual([
    expect.stringMatching(/^problem\twarning\tthe database at 127\.0\.0\.1:1 does not answer this server/),
    expect.stringMatching(/^problem\terror\tno address of 'database.external' answers this server/),
  ]);
  check(ours);
  postgres.admin("ALTER ROLE k3s PASSWORD 'another'");
  expect(doctor(ours, ca)[0]).toMatch(/does not let this server in: .*password authentication failed/);
});
