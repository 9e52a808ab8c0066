import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseSecrets, serverSecrets } from '../../src/model/secrets';
import { ensureSecrets } from '../../src/secrets/ensure';
import { HostSandbox } from '../support/host-sandbox';
import { Postgres } from '../support/postgres';
import { testWith } from '../support/programs';
import { clusterYaml, Project } from '../support/project';
import { canSandbox } from '../support/test-in-sandbox';

const day = 24 * 60 * 60 * 1000;
const testPostgres = testWith('initdb', 'postgres', 'psql');
const who = 'SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
let shared: Promise<Postgres> | undefined;
jest.setTimeout(60_000);
afterAll(async () => (await shared)?.stop());

/** The one server of these tests, with the files of a project. */
async function database(project: Project): Promise<Postgres> {
  const secrets = project.path(databaseSecrets({ name: 'storage1' }).folder);
  shared ??= Postgres.start(secrets);
  const postgres = await shared;
  await postgres.use(secrets);
  return postgres;
}

/** Secrets of a cluster, made so many days ago. */
async function initialised(daysAgo = 0): Promise<Project> {
  const project = new Project(clusterYaml());
  const now = new Date(Date.now() - daysAgo * day);
  await ensureSecrets(project.topology(), { folder: project.folder, now });
  return project;
}

/** What the k3s step of a server uploads, as psql takes it. */
function client(project: Project, host: string) {
  const { folder, ca, certificate, key } = serverSecrets({ name: host });
  const path = (name: string) => join(project.path(folder), name);
  return { ca: path(ca), certificate: path(certificate), key: path(key) };
}

testPostgres('Postgres lets servers in by certificate and tells them apart', async () => {
  const project = await initialised();
  const postgres = await database(project);
  expect(postgres.query(who, client(project, 'server1'))).toBe('/OU=server1/CN=k3s');
  expect(postgres.query(who, client(project, 'server2'))).toBe('/OU=server2/CN=k3s');
});

testPostgres('Postgres lets nobody in without a certificate, or with one of another CA', async () => {
  const [project, other] = [await initialised(), await initialised()];
  const postgres = await database(project);
  const { ca } = client(project, 'server1');
  expect(postgres.query(who, { ca })).toMatch(/requires a valid client certificate/);
  expect(postgres.query(who, { ...client(other, 'server1'), ca })).toMatch(/unknown ca|SSL error|closed/i);
});

testPostgres('a client does not talk to a database of another CA', async () => {
  const [project, other] = [await initialised(), await initialised()];
  const postgres = await database(project);
  expect(postgres.query(who, { ...client(project, 'server1'), ca: client(other, 'server1').ca })).toMatch(
    /certificate verify failed/,
  );
});

testPostgres(
  'hosts with files of before and after a renewal of everything understand each other',
  async () => {
    const old = await initialised(2900);
    await renew(old, 800);
    const renewed = new Project(clusterYaml());
    cpSync(old.path('secrets'), renewed.path('secrets'), { recursive: true });
    expect(await renew(renewed, 0)).toEqual([
      'secrets/database-ca.crt',
      'secrets/hosts/storage1/database/server.crt',
      'secrets/hosts/server1/k3s/datastore-client.crt',
      'secrets/hosts/server2/k3s/datastore-client.crt',
    ]);
    for (const [host, server] of [
      [old, renewed],
      [renewed, old],
    ] as const) {
      const postgres = await database(host);
      expect(postgres.query(who, client(server, 'server1'))).toBe('/OU=server1/CN=k3s');
    }
  },
);

/** Renews what was due so many days ago, and says what that was. */
async function renew(project: Project, daysAgo: number): Promise<string[]> {
  const now = new Date(Date.now() - daysAgo * day);
  const report = await ensureSecrets(project.topology(), { folder: project.folder, now, renew: true });
  return report.changes.filter(({ kind }) => kind === 'renewed').map(({ path }) => path);
}

/** What `status` learns of a server that has the files of one project, about a database with those of another. */
async function probed(server: Project, of: Project): Promise<string> {
  const { port } = await database(of);
  const host = new HostSandbox();
  try {
    const { ca, certificate, key } = client(server, 'server1');
    for (const [name, file] of Object.entries({ 'ca.crt': ca, 'client.crt': certificate, 'client.key': key }))
      host.write(`/etc/rancher/k3s/datastore/${name}`, readFileSync(file, 'utf8'));
    const tell = "tell() { local IFS=$'\\t'; printf '%s\\n' \"$*\"; }";
    const { output } = host.run({
      'run.sh': `here=\${BASH_SOURCE[0]%/*}\nDATASTORE=127.0.0.1:${port}\n${tell}\n. "$here/probe-k3s.sh"\ndatastore\n`,
    });
    return output;
  } finally {
    host.remove();
  }
}

(canSandbox() ? testWith('initdb', 'postgres', 'psql', 'openssl') : test.skip)(
  'a server that could not connect to the database again says so, and why',
  async () => {
    const [project, other] = [await initialised(), await initialised()];
    expect(await probed(project, project)).toBe('datastore\tyes\n');
    expect(await probed(project, other)).toMatch(/^datastore\tno\t(verify error|alert)/);
  },
);
