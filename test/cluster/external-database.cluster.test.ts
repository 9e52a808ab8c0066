import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientVariables, passwordFiles } from '../../src/model/external-database';
import { datastoreFiles } from '../../src/model/secrets';
import type { Topology } from '../../src/model/topology';
import { k3sConfig } from '../../src/roles/k3s/files/k3s-config';
import { nodeConfig } from '../../src/roles/k3s/node-config';
import { ApiServer, whyNoApiServer } from '../support/api-server';
import { databaseCertificates } from '../support/database-certificates';
import { callingScript, withLibraries } from '../support/host-scripts';
import { MariaDb } from '../support/mariadb';
import { testWhen } from '../support/needs';
import { Postgres } from '../support/postgres';
import { findProgram } from '../support/programs';
import { Project } from '../support/project';
import { scratchFolders } from '../support/scratch';

const newFolder = scratchFolders();
const password = 'p@ss:w\\ord/%"\'$x';

const needs = (...programs: string[]) => {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  const reason =
    whyNoApiServer() ?? (missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined);
  return testWhen(reason === undefined, `k3s is not tried with a database of somebody else: ${reason}`);
};

function topologyOf(external: string): Topology {
  return new Project(`name: homelab
ssh: { user: pi }
k3s: { version: v1.36.5+k3s1 }
hosts: [{ name: server1, address: 192.168.1.11, roles: [server] }]
database: { external: { addresses: [127.0.0.1], ca: ca.crt, ${external} } }
`).topology();
}

/** What k3s's step gives to a server for its database, by paths below /etc/rancher/k3s. */
function settings(
  { database, servers: [server], ...rest }: Topology,
  theirs: string,
): Record<string, string> {
  const topology = { database, servers: [server], ...rest } as Topology;
  const config = server ? nodeConfig(topology, server) : {};
  const keys = Object.entries(config).filter(([key]) => key.startsWith('datastore-'));
  const files = datastoreFiles(database).filter(({ name }) => name !== 'password');
  return {
    'config.yaml': k3sConfig(Object.fromEntries(keys)),
    ...Object.fromEntries(
      files.map(({ name }) => [`datastore/${name}`, readFileSync(join(theirs, name), 'utf8')]),
    ),
    ...Object.fromEntries(
      passwordFiles(database).map(({ file, text }) => [
        file === 'config.yaml' ? 'config.yaml.d/55-k3s-cdk-datastore.yaml' : `datastore/${file}`,
        text(password, database),
      ]),
    ),
  };
}

/** Whether any process has a text in its arguments. */
function inArguments(text: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

needs(
  'initdb',
  'postgres',
  'psql',
)('k3s keeps its state in a Postgres that lets it in with a password', async () => {
  const theirs = newFolder();
  await databaseCertificates(theirs);
  const port = 25432;
  const topology = topologyOf(`port: ${port}`);
  const files = settings(topology, theirs);
  expect(files['config.yaml']).not.toContain(password);
  const api = new ApiServer('', files, true);
  const postgres = await Postgres.start(
    theirs,
    'hostssl all k3s 127.0.0.1/32 scram-sha-256\n',
    api.network,
    port,
  );
  try {
    postgres.admin(`ALTER ROLE k3s PASSWORD '${password.replaceAll("'", "''")}'`);
    api.begin();
    await api.ready();
    api.do('create', 'configmap', 'from-here', '--from-literal=a=b');
    expect(postgres.admin("SELECT count(*) FROM kine WHERE name LIKE '%/from-here'", 'k3s')).toBe('1\n');
    expect(
      postgres.admin(
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'k3s'",
      ),
    ).toBe('t\n');
    expect(inArguments('p@ss')).toBe(false);
  } finally {
    await api.stop();
    postgres.stop();
  }
});

needs(
  'mariadbd',
  'mariadb',
  'mariadb-install-db',
)('and in a MariaDB, which its step can ask, too', async () => {
  const theirs = newFolder();
  await databaseCertificates(theirs);
  const port = 23306;
  const topology = topologyOf(`engine: mysql, port: ${port}`);
  const files = settings(topology, theirs);
  expect(files['config.yaml']).not.toContain(password);
  const api = new ApiServer('', files, true);
  const mariadb = await MariaDb.start(theirs, password, api.network, port);
  api.begin();
  try {
    await api.ready();
    api.do('create', 'configmap', 'from-here', '--from-literal=a=b');
    expect(mariadb.admin("SELECT count(*) FROM k3s.kine WHERE name LIKE '%/from-here'")).toBe('1\n');
    expect(inArguments('p@ss')).toBe(false);
    const facts = askFacts(topology, theirs, api.network);
    expect(facts).toMatch(/^\d+\.\d+\.\d+-MariaDB\S*\t200\t[1-9]\d*\t[1-9]\d*\t$/m);
  } finally {
    await api.stop();
    mariadb.stop();
  }
});

/** What the step and the probe of a server ask, with files of its own. */
function askFacts({ database }: Topology, theirs: string, network: string): string {
  const folder = newFolder();
  for (const { file, text } of passwordFiles(database))
    writeFileSync(join(folder, file), text(password, database), { mode: 0o600 });
  const variables = Object.entries(clientVariables(database)).map(
    ([name, value]) =>
      `${name}='${value.replace(/\/usr\/local\/libexec\/k3s-cdk\/external-database\/(\S+)/, (_, name) => join(name === 'ca.crt' ? theirs : folder, name))}'`,
  );
  const scripts = withLibraries({
    'run.sh': callingScript(
      ['lib-postgres.sh', 'lib-external-database.sh'],
      `${variables.join('\n')}\nask_facts`,
    ),
  });
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(folder, name), text);
  const { stdout, stderr } = spawnSync('nsenter', [`--net=${network}`, 'bash', join(folder, 'run.sh')], {
    encoding: 'utf8',
  });
  return stdout || stderr;
}
