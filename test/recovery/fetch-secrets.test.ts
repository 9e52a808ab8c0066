import { existsSync, readFileSync, renameSync } from 'node:fs';
import {
  agentTokenFile,
  databaseCa,
  databaseSecrets,
  secretFiles,
  serverSecrets,
  tokenFile,
} from '../../src/model/secrets';
import type { Host } from '../../src/model/topology';
import { registriesFile } from '../../src/model/user-secrets';
import { fetchSecrets } from '../../src/recovery/fetch-secrets';
import { ensureSecrets } from '../../src/secrets/ensure';
import { PrivateFiles } from '../../src/secrets/private-files';
import { SecretsReport } from '../../src/secrets/report';
import type { RunOnHostOptions } from '../../src/ssh/client';
import { SshError } from '../../src/ssh/ssh-error';
import { clusterYaml, Project } from '../support/project';

const now = new Date('2026-06-01T12:00:00Z');
const etc = '/etc/rancher/k3s';

/** Files of hosts, by host and path; an Error instead of them is what a connection ends with. */
type Hosts = Record<string, Record<string, string> | Error>;

let project: Project;
let hosts: Hosts;

/** A cluster that runs: what `init` made lies on its hosts, and was lost here. */
beforeEach(async () => {
  project = new Project(clusterYaml());
  await ensureSecrets(project.topology(), { folder: project.folder, now });
  hosts = {};
  for (const host of project.topology().hosts) hosts[host.name] = placed(host);
  renameSync(project.path('secrets'), project.path('lost'));
});

const lost = (path: string) => readFileSync(project.path(path.replace('secrets', 'lost')), 'utf8');

function placed(host: Host): Record<string, string> {
  const { dataDir } = project.topology().database;
  if (host.roles.includes('server')) {
    const { folder } = serverSecrets(host);
    return {
      [`${etc}/token`]: project.read(tokenFile),
      [`${etc}/agent-token`]: project.read(agentTokenFile),
      [`${etc}/datastore/ca.crt`]: project.read(databaseCa.certificate),
      [`${etc}/datastore/client.crt`]: project.read(`${folder}/datastore-client.crt`),
      [`${etc}/datastore/client.key`]: project.read(`${folder}/datastore-client.key`),
    };
  }
  if (!host.roles.includes('database')) return {};
  const { folder } = databaseSecrets(host);
  return {
    '/usr/local/libexec/k3s-cdk/database/token': project.read(tokenFile),
    ...Object.fromEntries(
      ['ca.crt', 'server.crt', 'server.key'].map((name) => [
        `${dataDir}/config/${name}`,
        project.read(`${folder}/${name}`),
      ]),
    ),
  };
}

/** Answers as read-files.sh does. */
const ssh = {
  run: async ({ name }: Host, _: string, { input }: RunOnHostOptions) => {
    const files = hosts[name];
    if (files instanceof Error) throw files;
    const asked = /^FILES='([^']*)'/.exec(String(input))?.[1]?.split('\n') ?? [];
    const lines = asked.flatMap((path) =>
      files?.[path] === undefined ? [] : `${path}\t${Buffer.from(files[path]).toString('base64')}\n`,
    );
    return { stdout: `${lines.join('')}end\n`, stderr: '', exitCode: 0 };
  },
};

async function fetch(): Promise<SecretsReport> {
  const report = new SecretsReport();
  await fetchSecrets(project.topology(), ssh, new PrivateFiles(project.folder), report);
  return report;
}

test('brings back everything but the key of the CA, and what is still missing then is copies', async () => {
  expect((await fetch()).findings).toEqual([]);
  const report = await ensureSecrets(project.topology(), { folder: project.folder, now });
  expect(report.findings).toEqual([]);
  expect(report.changes.map(({ path }) => path).filter((path) => !/token$|ca.crt$/.test(path))).toEqual([]);
  for (const path of secretFiles(project.topology()))
    if (path === databaseCa.key) expect(existsSync(project.path(path))).toBe(false);
    else expect([path, project.read(path)]).toEqual([path, lost(path)]);
});

test('keeps what is here, and makes nothing fit that does not', async () => {
  const files = new PrivateFiles(project.folder);
  files.create(agentTokenFile, 'of here');
  files.create(tokenFile, 'of another cluster');
  const report = await fetch();
  expect(report.findings).toEqual([
    {
      severity: 'error',
      message: expect.stringMatching(
        /^'secrets\/k3s-token' differs from what \w+ runs with.*: move 'secrets\/' away and run this again$/,
      ),
    },
  ]);
  expect(project.read(agentTokenFile)).toBe('of here');
  expect(project.read(tokenFile)).toBe('of another cluster');
});

test('a host that cannot be asked is named, and the others are enough', async () => {
  const [host] = project.topology().servers;
  if (!host) throw new Error('no server');
  hosts[host.name] = new SshError('unreachable', host, 'does not answer');
  const report = await fetch();
  expect(report.findings).toEqual([
    { severity: 'warning', message: 'server1 (192.168.10.11) does not answer' },
  ]);
  expect(project.read(tokenFile)).toBe(lost(tokenFile));
});

test('servers that do not agree are not chosen between', async () => {
  Object.assign(hosts.server2 ?? {}, { [`${etc}/token`]: `${'b'.repeat(64)}\n` });
  const { findings } = await fetch();
  expect(findings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/have different files for 'secrets\/k3s-token', so it was not fetched/),
  ]);
  expect(existsSync(project.path(tokenFile))).toBe(false);
});

test.each([
  ['a token with a line break', `${etc}/token`, 'one\ntwo\n'],
  ['escape sequences', `${etc}/token`, '\x1b[2Jtoken-of-a-host'],
  ['a certificate that is none', `${etc}/datastore/client.crt`, '-----BEGIN CERTIFICATE-----\nAAAA\n'],
  ['a key that is none', `${etc}/datastore/client.key`, 'key'],
])('%s is not taken from a host', async (_, path, text) => {
  Object.assign(hosts.server1 ?? {}, { [path]: text });
  const { findings } = await fetch();
  expect(findings).toEqual([
    {
      severity: 'warning',
      message: `'${path}' on server1 is not what is expected there: it was not fetched`,
    },
  ]);
});

test('credentials of registries come back as the file that they were', async () => {
  Object.assign(hosts.server1 ?? {}, { [`${etc}/registries.yaml`]: 'configs: {}\n' });
  await fetch();
  expect(project.read(registriesFile)).toBe('configs: {}\n');
});

test('without any server that answers it cannot continue', async () => {
  for (const { name } of project.topology().hosts) hosts[name] = {};
  expect((await fetch()).findings).toEqual([
    {
      severity: 'error',
      message: "no host that answers has the servers' token, so 'secrets/k3s-token' cannot be fetched",
    },
  ]);
});

test('files of the user come back from a node that has them; what servers have is asked of no agent', async () => {
  const secrets = '/etc/rancher/k3s/secrets';
  project.write(
    `${clusterYaml().replace(/^k3s: .*$/m, '')}k3s:
  version: v1.36.2+k3s1
  config: { vpn-auth-file: ${secrets}/vpn }
`.replace(
      'roles: [agent] }',
      `roles: [agent], config: { kubelet-arg: [image-credential-provider-config=${secrets}/own] } }`,
    ),
  );
  hosts.server1 = { ...hosts.server1, [`${secrets}/vpn`]: 'of a server\n' };
  hosts.agent1 = { [`${secrets}/vpn`]: 'of an agent\n', [`${secrets}/own`]: 'of an agent\n' };
  expect((await fetch()).findings).toEqual([]);
  expect(project.read('secrets/k3s/vpn')).toBe('of a server\n');
  expect(project.read('secrets/k3s/own')).toBe('of an agent\n');
});
