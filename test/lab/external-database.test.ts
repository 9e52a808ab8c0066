import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseCertificates } from '../support/database-certificates';
import { testWhen } from '../support/needs';
import { realK3s } from './k3s-binary';
import { canApply } from './support/project';
import { report } from './support/report';
import { watchCommandLines, whereSecretsAre } from './support/secret-search';
import { TestCluster } from './support/test-cluster';
import { waitFor } from './wait';

// The lab's stand-in logs in with a certificate only, and keeps nothing as kine does.
const canRun = canApply && realK3s() !== undefined;
const testExternal = testWhen(
  canRun,
  'an external database takes terraform or tofu, and a real k3s: see docs/how-to/lab.md',
);
const password = 'p@ss:w\\ord/%"$x-unguessed';
const network = '10.79.0';
/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
let theirs: string;

const external = (changes: object = {}) => ({
  database: { external: { addresses: [`${network}.30`], ca: 'theirs/ca.crt', ...changes } },
});

beforeAll(async () => {
  if (!canRun) return;
  cluster = await TestCluster.up(`test-external-${process.pid}`, network, [
    { name: 'theirs', number: 30, roles: [] },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
  ]);
  cluster.absent.add('theirs');
  const { binary, project } = cluster;
  report(`k3s is real, ${binary.path} ${binary.version}`);
  theirs = project.path('theirs');
  mkdirSync(theirs);
  await databaseCertificates(theirs, `${network}.30`);
  await serve(`hostssl all k3s ${network}.0/24 scram-sha-256`);
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

/** Debian's Postgres, set up by its owner by hand. @param access line of pg_hba.conf */
async function serve(access: string): Promise<void> {
  const files = ['ca.crt', 'server.crt', 'server.key'].map((name) =>
    readFileSync(join(theirs, name), 'utf8'),
  );
  const script = `set -eu
    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends postgresql-17 >/dev/null
    cd /etc/postgresql/17/main
    printf '%s' "$1" >ca.crt; printf '%s' "$2" >server.crt; printf '%s' "$3" >server.key
    chown postgres: ca.crt server.crt server.key
    chmod 600 server.key
    printf 'local all postgres peer\\n%s\\n' "$4" >pg_hba.conf
    printf "listen_addresses = '*'\\nssl = on\\nssl_ca_file = '%s/ca.crt'\\nssl_cert_file = '%s/server.crt'\\nssl_key_file = '%s/server.key'\\nmax_connections = 320\\n" \\
      "$PWD" "$PWD" "$PWD" >conf.d/own.conf
    systemctl restart postgresql@17-main`;
  await cluster.lab.host('theirs').exec(script, { args: [...files, access] });
}

async function sql(statement: string, database = 'postgres'): Promise<string> {
  const { stdout } = await cluster.lab
    .host('theirs')
    .exec('cd / && runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d "$2" -c "$1"', {
      args: [statement, database],
    });
  return stdout.trim();
}

const answers = () =>
  waitFor('the API answers at the virtual IP', async () => (await cluster.status()) === '200', {
    timeout: 240_000,
    interval: 250,
  });

const objects = () => sql("SELECT count(*) FROM kine WHERE name LIKE '%/own-%' AND deleted = 0", 'k3s');

const write = (name: string) => cluster.kubectl(`create configmap own-${name}`);

testExternal('a database that does not let servers in stops the apply before k3s, and says why', async () => {
  const { project } = cluster;
  await sql("CREATE ROLE k3s LOGIN PASSWORD 'another'");
  await sql('CREATE DATABASE k3s OWNER k3s');
  project.write(cluster.yaml(external()));
  await project.k3sCdkResult('init', '--yes');
  writeFileSync(project.path('secrets/database-password'), `${password}\n`, { mode: 0o600 });
  await project.k3sCdk('init', '--yes');
  const doctor = await project.k3sCdkResult('doctor');
  expect(doctor.stdout + doctor.stderr).not.toMatch(/database/);
  await project.k3sCdk('synth');
  await project.init();
  const { status, stdout } = await project.terraform('apply', '-auto-approve', '-input=false');
  expect(status).toBe(1);
  expect(stdout).toMatch(/does not let this server in as 'k3s': .*password authentication failed/);
  const { stdout: there } = await cluster.lab
    .host('server1')
    .exec('ls /etc/systemd/system/k3s.service || true');
  expect(there).toBe('');
});

testExternal('servers keep their state in it, with a password that nobody sees', async () => {
  const { project, lab } = cluster;
  await watchCommandLines(lab);
  await sql(`ALTER ROLE k3s CREATEDB PASSWORD '${password}'`);
  await project.apply();
  await cluster.fetchCa();
  await answers();
  expect(Number(await sql('SELECT count(*) FROM kine', 'k3s'))).toBeGreaterThan(0);
  for (const name of ['server1', 'server2'])
    expect(await whereSecretsAre(lab.host(name), [password])).toEqual([]);
  const state = readFileSync(project.path('lab.tfstate'), 'utf8');
  expect(state).not.toContain('unguessed');
  const connections = await cluster.sshConnections();
  expect((await project.apply()).steps).toEqual([]);
  expect(await cluster.sshConnections()).toBe(connections);
  const { stdout } = await project.k3sCdkResult('status');
  expect(stdout).toMatch(/database +server1 reaches Postgres 17\.\d+, \d+ of 320 connections, kine /);
});

testExternal('a backup over the network brings back what was there', async () => {
  const { project } = cluster;
  await write('before');
  await project.k3sCdk('backup', '--output', project.path('backup.tar'));
  await write('after');
  expect(await objects()).toBe('2');
  const { stdout } = await project.k3sCdk('restore', 'backup.tar', '--yes');
  report(/the API answers again after \d+ s/.exec(stdout)?.[0] ?? stdout);
  await answers();
  expect(await objects()).toBe('1');
  await cluster.lab.host('server1').exec('systemctl start k3s-cdk-backup.service');
});

testExternal('an empty database is refused, and the backup moves into it', async () => {
  const { project } = cluster;
  await sql('CREATE DATABASE elsewhere OWNER k3s');
  project.write(cluster.yaml(external({ name: 'elsewhere' })));
  await project.k3sCdk('synth');
  const { status, stdout } = await project.terraform('apply', '-auto-approve', '-input=false');
  expect(status).toBe(1);
  expect(stdout).toMatch(/this cluster has run before, and the database\s+'elsewhere'/);
  project.write(cluster.yaml(external()));
  await project.k3sCdk('synth');
  await project.apply();
  await answers();
});

testExternal('with a client certificate instead, the password leaves the servers', async () => {
  const { project, lab } = cluster;
  await sql('CREATE ROLE bycert LOGIN IN ROLE k3s');
  await serve(`hostssl all k3s ${network}.0/24 scram-sha-256\nhostssl all bycert ${network}.0/24 cert`);
  for (const kind of ['crt', 'key'])
    writeFileSync(
      project.path(`secrets/database-client.${kind}`),
      readFileSync(join(theirs, `client.${kind}`)),
      { mode: 0o600 },
    );
  project.write(cluster.yaml(external({ authentication: 'certificate', user: 'bycert' })));
  await project.k3sCdk('init', '--yes');
  await project.k3sCdk('synth');
  await project.apply();
  await answers();
  expect(await sql("SELECT bool_and(usename = 'bycert') FROM pg_stat_activity WHERE datname = 'k3s'")).toBe(
    't',
  );
  const { stdout } = await lab
    .host('server1')
    .exec(
      'ls /etc/rancher/k3s/datastore /usr/local/libexec/k3s-cdk/external-database; grep -rlF unguessed /etc/rancher || true',
    );
  expect(stdout.split('\n').filter((line) => /^[a-z.]+$/.test(line))).toEqual([
    ...['ca.crt', 'client.crt', 'client.key'],
    ...['ca.crt', 'client.crt', 'client.key'],
  ]);
});

testExternal('status says that it is gone, and nothing else', async () => {
  await cluster.lab.host('theirs').exec('systemctl stop postgresql@17-main');
  const { stdout } = await cluster.project.k3sCdkResult('status', '--json');
  const { problems } = JSON.parse(stdout);
  expect(problems.filter(({ code }: { code: string }) => code === 'datastore-refused')).toHaveLength(2);
  expect(problems.filter(({ code }: { code: string }) => code === 'api-down')).toEqual([]);
});
