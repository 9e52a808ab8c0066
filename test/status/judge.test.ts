import { spawnSync } from 'node:child_process';
import type { Host, Topology } from '../../src/model/topology';
import { synthHosts } from '../../src/roles/hosts-app';
import { readAnswer } from '../../src/status/probe-answer';
import { statusReport } from '../../src/status/status-report';
import { scriptPath } from '../support/host-scripts';
import { topologyWith } from '../support/hosts-topology';
import { agentAnswer, askedAt, now, serverAnswer, storageAnswer } from './answers';

const topology = topologyWith('watch: {}');
const stepsOf = (of: Topology) => synthHosts(of, { crds: '', manifestSet: '' }).steps;
const steps = stepsOf(topology);
const twoDatabases = stepsOf(
  topologyWith(`
watch: {}
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database] }
  - { name: storage2, address: 192.168.10.20, roles: [database] }
  - { name: server1, address: 192.168.10.11, roles: [server] }
`),
);

/** What a host finds by itself, and which parts of others it tells. */
function judged(name: string, answer: string, of = steps) {
  const env = of.find(({ host, step }) => host === name && step === 'watch')?.files['step.env'];
  // The present is that of the answers.
  const date =
    'date() { if [[ ${3:-} == -* ]]; then set -- -u -d "2027-03-01T12:00:00Z $3" "$4"; fi; /usr/bin/date "$@"; }';
  const script = `set -euo pipefail\n${date}\n${env}\n. ${scriptPath('lib-judge.sh')}\njudge`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { input: answer, encoding: 'utf8' });
  expect(stderr).toBe('');
  const rows = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  return {
    problems: rows
      .filter(([kind]) => kind !== 'scope')
      .map(([, code, , severity, sentence]) => ({ code, severity, sentence })),
    scopes: rows.flatMap(([kind, scope, state]) => (kind === 'scope' ? [`${scope} ${state}`] : [])),
  };
}

/** What `status` would say if it had asked this host alone. */
function reported(name: string, answer: string) {
  const host = topology.hosts.find((other) => other.name === name) as Host;
  return statusReport(topology, [readAnswer(host, answer, askedAt)], [], now).problems.map(
    ({ code, severity }) => ({ code, severity }),
  );
}

const holder = 'virtual-ip\tyes';
const unit = (name: string, ...rest: string[]) => ['unit', name, ...rest].join('\t');
const drill = (last: string, since = '"2026-01-01T00:00:00Z"', failed = 'null') =>
  `drill\t{ "lastSuccess": ${last}, "backup": "homelab-20270220T030000Z.tar", "since": ${since}, "lastFailure": ${failed} }`;
const figures = (connections: number, rows: number, dead: number) =>
  `postgres-figures\t17.6\t320\t${connections}\t61865984\t48234496\t${rows}\t${dead}`;

test.each([
  ['server1', 'nothing', serverAnswer(holder)],
  ['agent1', 'nothing', agentAnswer()],
  ['storage1', 'nothing', storageAnswer()],
  ['agent1', 'a full disk', agentAnswer('disk\t/\t1000\t40\t1000\t900')],
  ['agent1', 'a disk that fills', agentAnswer('disk\t/\t1000\t80\t1000\t900')],
  ['agent1', 'a disk without room for files', agentAnswer('disk\t/\t1000\t800\t1000\t9')],
  ['agent1', 'a file system that counts no files', agentAnswer('disk\t/\t1000\t800\t0\t0')],
  ['agent1', 'a failing disk', agentAnswer('read-only\t/')],
  ['agent1', 'what its owner mounts to read', agentAnswer('read-only\t/srv/films')],
  ['agent1', 'little memory', agentAnswer('memory\t1000\t40')],
  ['agent1', 'undervoltage', agentAnswer('throttled\t0x50005')],
  ['agent1', 'past undervoltage', agentAnswer('throttled\t50000')],
  ['agent1', 'a past limit', agentAnswer('throttled\t0x20000')],
  ['agent1', 'throttling', agentAnswer('throttled\t0x2')],
  ['agent1', 'heat', agentAnswer('temperature\t81000')],
  ['agent1', 'a clock of its own', agentAnswer('clock\tno')],
  ['agent1', 'a dead step', agentAnswer('step\tk3s\tunfinished\t1')],
  ['agent1', 'no step', agentAnswer().replace(/^step\t.*\n/gm, '')],
  [
    'server1',
    'other files',
    serverAnswer(holder, 'drift\tk3s\tcontent\t/etc/a', 'drift\tk3s\tmissing\t/etc/b'),
  ],
  [
    'server1',
    'a stopped unit',
    serverAnswer(holder, unit('k3s.service', 'loaded', 'enabled', 'failed', 'x', '3')),
  ],
  [
    'server1',
    'a masked unit',
    serverAnswer(holder, unit('haproxy.service', 'masked', 'masked', 'inactive', 'x', '0')),
  ],
  [
    'server1',
    'no unit',
    serverAnswer(holder, unit('haproxy.service', 'not-found', '', 'inactive', 'x', '0')),
  ],
  [
    'server1',
    'a disabled unit',
    serverAnswer(holder, unit('haproxy.service', 'loaded', 'disabled', 'active', 'x', '0')),
  ],
  ['server1', 'a dead API', serverAnswer(holder, 'api\tno\tconnection refused')],
  ['server1', 'a slow API', serverAnswer(holder, 'nodes-failure\ttimeout').replace(/^node\t.*\n/gm, '')],
  ['server1', 'a node that is off', serverAnswer(holder, 'node\tagent2\tUnknown\tv1.36.2+k3s1\t\t')],
  ['server1', 'a cordoned node', serverAnswer(holder, 'node\tagent2\tTrue\tv1.36.2+k3s1\ttrue\tReady')],
  ['server1', 'a full node', serverAnswer(holder, 'node\tagent2\tTrue\tv1.36.2+k3s1\t\tDiskPressure Ready')],
  ['server1', 'an old node', serverAnswer(holder, 'node\tagent2\tTrue\tv1.35.0+k3s1\t\tReady')],
  ['server1', 'a stranger', serverAnswer(holder, 'node\tghost\tTrue\tv1.36.2+k3s1\t\tReady')],
  ['server1', 'another CA', serverAnswer(holder, 'datastore\tno\tunknown ca')],
  ['server1', 'a silent haproxy', serverAnswer(holder).replace(/^backend\t.*\n/gm, '')],
  ['storage1', 'no Postgres', storageAnswer('postgres\tfailed').replace(/^postgres-figures.*\n/m, '')],
  [
    'storage1',
    'a hanging Postgres',
    storageAnswer('postgres-error\tno').replace(/^postgres-figures.*\n/m, ''),
  ],
  ['storage1', 'many connections', storageAnswer(figures(300, 1, 1))],
  ['storage1', 'dead rows', storageAnswer(figures(1, 1000, 200_000))],
  ['storage1', 'no export', storageAnswer('export\t0')],
  [
    'storage1',
    'a failed backup',
    storageAnswer('backup\t{ "lastSuccess": null, "lastFailure": "2027-03-01T03:00:00Z" }'),
  ],
  [
    'storage1',
    'a backup that is not elsewhere',
    storageAnswer(
      'backup\t{ "lastSuccess": "2027-03-01T03:00:00Z", "offsiteFailure": "2027-03-01T03:00:00Z" }',
    ),
  ],
  ['storage1', 'a good drill', storageAnswer(drill('"2027-02-20T03:00:00Z"'))],
  ['storage1', 'a first drill to come', storageAnswer(drill('null', '"2027-02-27T03:00:00Z"'))],
  ['storage1', 'a drill that is overdue', storageAnswer(drill('"2027-02-01T03:00:00Z"'))],
  [
    'storage1',
    'a failed drill',
    storageAnswer(drill('"2027-02-20T03:00:00Z"', 'null', '"2027-03-01T03:00:00Z"')),
  ],
])('a host judges itself as status judges it: %s with %s', (name, _, answer) => {
  const { problems } = judged(name, answer);
  expect(problems.map(({ code, severity }) => ({ code, severity })).sort(byCode)).toEqual(
    reported(name, answer).sort(byCode),
  );
});

const byCode = (a: { code?: string | undefined }, b: { code?: string | undefined }) =>
  String(a.code) < String(b.code) ? -1 : 1;

test('the nodes are told by the server that has the virtual IP, and by no other', () => {
  const off = 'node\tagent2\tUnknown\tv1.36.2+k3s1\t\t';
  expect(judged('server1', serverAnswer(holder, off))).toEqual({
    problems: [{ code: 'node-not-ready', severity: 'error', sentence: 'agent2 is not Ready' }],
    scopes: ['nodes judged'],
  });
  expect(judged('server1', serverAnswer(off))).toEqual({ problems: [], scopes: ['nodes left'] });
  // Whether it is Ready is not known: what was told stays told.
  expect(judged('server1', serverAnswer(holder, off, 'api\tno\trefused')).scopes).toEqual([]);
});

test('a server that haproxy finds down is told if its node is Ready', () => {
  const down = 'backend\tserver3\tDOWN\tL4CON';
  expect(judged('server1', serverAnswer(holder, down)).problems).toEqual([
    {
      code: 'backend-down',
      severity: 'error',
      sentence: 'server1 has a haproxy that finds the API of server3 down: L4CON',
    },
  ]);
  const off = 'node\tserver3\tUnknown\tv1.36.2+k3s1\t\t';
  expect(judged('server1', serverAnswer(holder, down, off)).problems).toMatchObject([
    { code: 'node-not-ready' },
  ]);
});

const memberLines = (primary: string, standby: string) => [
  `member\tstorage1\t${primary}\trunning\t`,
  `member\tstorage2\t${standby}\tstreaming\t0`,
];

test('of a database host that is missing it is told that it is', () => {
  const { problems } = judged('storage1', storageAnswer('member\tstorage1\tleader\trunning\t'), twoDatabases);
  expect(problems.find(({ code }) => code === 'database-member')?.sentence).toBe(
    'storage2 takes no part as a database host (it is missing)',
  );
});

test('what is wrong with several database hosts is told by the primary, and without one by each', () => {
  const tell = (name: string, ...lines: string[]) => {
    const { problems, scopes } = judged(name, storageAnswer(...lines), twoDatabases);
    return [...problems.map(({ code }) => code), ...scopes];
  };
  expect(tell('storage1', ...memberLines('leader', 'sync_standby'))).toEqual(['databases judged']);
  expect(tell('storage2', ...memberLines('leader', 'sync_standby'))).toEqual(['databases left']);
  expect(tell('storage1', 'member\tstorage1\tleader\trunning\t')).toEqual([
    'database-alone',
    'database-member',
    'databases judged',
  ]);
  expect(tell('storage2', 'member\tstorage2\treplica\trunning\t')).toEqual([
    'database-no-primary',
    'database-member',
    'databases judged',
  ]);
});
