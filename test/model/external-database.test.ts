import { readFileSync } from 'node:fs';
import { parseConfig } from '../../src/config/load';
import { diagramSvg } from '../../src/diagram/svg';
import { passwordFiles } from '../../src/model/external-database';
import { resolve } from '../../src/model/resolve';
import { secretFiles } from '../../src/model/secrets';
import type { Topology } from '../../src/model/topology';
import { userSecrets } from '../../src/model/user-secrets';
import { externalDatabaseStatus } from '../../src/roles/external-database/status';
import { nodeConfig } from '../../src/roles/k3s/node-config';
import { rolesOf } from '../../src/roles/roles';
import { Answer } from '../../src/status/answer';
import type { HostStatus } from '../../src/status/host-status';

function topologyOf(yaml: string): Topology {
  const { config, issues } = parseConfig(yaml, 'cluster.yaml');
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  if (!config) throw new Error(yaml);
  return resolve(config);
}

const [, ofPage = ''] =
  /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/how-to/external-database.md', 'utf8')) ?? [];

/** That cluster with another database. */
const withExternal = (text: string) =>
  topologyOf(ofPage.replace(/database:\n[\s\S]*/, `database: { external: { ${text} } }\n`));

/** What k3s is told of its database on the first server. */
function datastore({ servers: [server], ...rest }: Topology): Record<string, unknown> {
  if (!server) throw new Error('no server');
  const config = nodeConfig({ servers: [server], ...rest }, server);
  return Object.fromEntries(Object.entries(config).filter(([key]) => key.startsWith('datastore-')));
}

const folder = '/etc/rancher/k3s/datastore';

test.each([
  [
    'the database of the page',
    topologyOf(ofPage),
    {
      'datastore-endpoint': `postgres://k3s@db.example.net:5432/k3s?sslmode=verify-full&passfile=${folder}/passfile`,
      'datastore-cafile': `${folder}/ca.crt`,
    },
  ],
  [
    'several addresses, one of them IPv6, and a certificate',
    withExternal(
      'addresses: [192.168.1.30, "fd00::30"], port: 6432, name: homelab, user: me, authentication: certificate',
    ),
    {
      'datastore-endpoint':
        'postgres://me@192.168.1.30:6432,[fd00::30]:6432/homelab?sslmode=verify-full&target_session_attrs=read-write&connect_timeout=2',
      'datastore-certfile': `${folder}/client.crt`,
      'datastore-keyfile': `${folder}/client.key`,
    },
  ],
  [
    'MySQL, whose certificate comes from a CA of the system',
    withExternal('engine: mysql, addresses: [db.example.net]'),
    { 'datastore-endpoint': 'mysql://k3s@tcp(db.example.net:3306)/k3s?tls=true' },
  ],
  [
    'MySQL without TLS',
    withExternal('engine: mysql, addresses: [192.168.1.30], tls: none'),
    { 'datastore-endpoint': 'mysql://k3s@tcp(192.168.1.30:3306)/k3s' },
  ],
])('%s is what k3s connects to, without a secret in its configuration', (_, topology, keys) => {
  expect(datastore(topology)).toEqual(keys);
});

test('a password is written as the drivers of each database read it', () => {
  const written = (topology: Topology) =>
    passwordFiles(topology.database).map(({ file, text }) => [file, text('a:b\\c"d@e', topology.database)]);
  expect(written(topologyOf(ofPage))).toEqual([['passfile', '*:*:*:*:a\\:b\\\\c"d@e\n']]);
  expect(written(withExternal('engine: mysql, addresses: [db.example.net]'))).toEqual([
    ['password.cnf', '[client]\npassword="a:b\\\\c\\"d@e"\n'],
    [
      'config.yaml',
      'datastore-endpoint: "mysql://k3s:a:b\\\\c\\"d@e@tcp(db.example.net:3306)/k3s?tls=true"\n',
    ],
  ]);
});

test('no CA and no certificate of ours is made for it, and no host is a database host', () => {
  const topology = topologyOf(ofPage);
  expect(secretFiles(topology).filter((path) => /database|datastore/.test(path))).toEqual([]);
  const originals = userSecrets(topology).map(({ original }) => original);
  expect([...new Set(originals)]).toEqual([
    'secrets/registries.yaml',
    'database-server-ca.crt',
    'secrets/database-password',
  ]);
  const roles = new Map(
    topology.hosts.map((host) => [host.name, rolesOf(host, topology).map(({ name }) => name)]),
  );
  expect(roles.get('server1')).toEqual(expect.arrayContaining(['external-database', 'backup']));
  expect(roles.get('server2')).not.toContain('backup');
  expect([...roles.values()].flat()).not.toContain('database');
  expect(diagramSvg(topology)).toContain('db.example.net');
});

/** Sentences of status about a server that answers this. */
function problems(answer: string, topology = topologyOf(ofPage)): string[] {
  const [server] = topology.servers;
  if (!server) throw new Error('no server');
  const lists = { units: [], steps: [], drift: [], certificates: [], reachable: true };
  const { name, address, roles } = server;
  const read = externalDatabaseStatus.read?.(new Answer(answer), server);
  const host: HostStatus = { name, address, roles, ...lists, ...read };
  const found = externalDatabaseStatus.problems?.(topology, [host], new Date('2026-11-30T00:00:00Z')) ?? [];
  return [...found].map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

test('status tells what is wrong with it, and who can mend it', () => {
  const well = 'datastore-facts\t17.2\t320\t40\t8192\tt\n';
  const certificate = (of: string, end: string) => `datastore-certificate\t${of}\t${end}\n`;
  expect(problems(well + certificate('client', '2027-01-30T00:00:00Z'))).toEqual([]);
  expect(problems('datastore-failure\tFATAL: no\n')[0]).toMatch(
    /^error datastore-refused: cannot connect to the external database \(FATAL: no\)/,
  );
  expect(problems('datastore-facts\t17.2\t100\t90\t-1\tt\n')).toEqual([
    "warning database-connections: sees 90 of 100 connections of Postgres in use: have 'max_connections' raised there",
  ]);
  expect(problems(well + certificate('db:5432', '2026-12-10T00:00:00Z'))).toEqual([
    'warning certificate-expires: gets a certificate from the database at db:5432 that expires on 2026-12-10: whoever runs it has to renew it',
  ]);
  expect(problems(well + certificate('client', '2026-11-29T00:00:00Z'))[0]).toMatch(
    /^error certificate-expired: connects to the database with 'secrets\/database-client.crt', which expired on 2026-11-29: put a new one there/,
  );
});
