import { fileLines } from '../../../src/commands/deploy/file-lines';
import { clusterPlanLines, planLines } from '../../../src/commands/deploy/plan-lines';
import { synth } from '../../../src/synth';
import { AppliedFiles } from '../../../src/terraform/applied-files';
import type { PlannedChanges, PlannedStep } from '../../../src/terraform/planned-changes';
import { topologyWith } from '../../support/hosts-topology';

const topology = topologyWith();
const before = synth(topology).steps;
const stack = { topology, steps: before };
/** What is known after all of it was applied once. */
const applied = () => {
  const record = new AppliedFiles(undefined);
  for (const step of before) record.record(step);
  return new AppliedFiles(record.toJson(before.map(({ address }) => address)));
};

const changes = (steps: readonly PlannedStep[], others: Partial<PlannedChanges> = {}): PlannedChanges => ({
  ...{ steps, joining: [], leaving: [], leavingServers: [], renamed: new Map() },
  ...{ dropped: [], unconfirmed: [], any: true },
  ...others,
});
const again = (host: string, step: string, ...names: string[]): PlannedStep => ({
  ...{ host, step, kind: 'again' as const },
  triggers: names.map((name) => ({ name, before: 'old', after: 'new' })),
});

test('every step of the stack is described with its files, those of its host too', () => {
  const k3s = before.find(({ host, step }) => host === 'server2' && step === 'k3s');
  expect(k3s?.address).toBe('null_resource.server2_k3s');
  expect(Object.keys(k3s?.files ?? {})).toEqual(
    expect.arrayContaining(['run.sh', 'k3s.service', 'config.yaml', 'step.env']),
  );
  expect(k3s?.files['step.env']).toContain("HOST='server2'\n");
});

test('a changed setting is shown by the lines that differ, once for all hosts', () => {
  const topology = topologyWith("api: { address: 192.168.10.5, idleTimeout: '2h' }");
  const after = { topology, steps: synth(topology).steps };
  const steps = ['server3', 'server1', 'server2'].map((host) => again(host, 'load-balancer', 'config'));
  const lines = planLines(changes(steps), after, applied());
  expect(lines.slice(0, 3)).toEqual([
    'load-balancer on server[1-3]',
    '    haproxy reloads: open connections stay',
    '    haproxy.cfg',
  ]);
  expect(lines.map((line) => line.replace(/ {2,}(?=\S)/g, ' '))).toEqual(
    expect.arrayContaining([' - timeout client 4h', ' + timeout client 2h']),
  );
});

const fileDiff = (before: string, after: string) => fileLines({ name: 'file', before, after }).slice(1);
const list = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `10.0.0.${from + i}`).join(', ');

test.each([
  [
    'what goes and what comes',
    [`allow { ${list(2, 40)} } to 2049`, `allow { ${list(1, 38)} } to 2049`],
    ['  - allow { … 10.0.0.39, 10.0.0.40 … } to 2049', '  + allow { … 10.0.0.1 … } to 2049'],
  ],
  [
    'a list that was short',
    [`allow { ${list(1, 2)} } to 2049`, `allow { ${list(1, 40)} } to 2049`],
    ['  + allow { 10.0.0.1, 10.0.0.2 … 10.0.0.[3-40] … } to 2049'],
  ],
  [
    'of two lists, that which differs',
    [
      `allow { ${list(1, 40)} } to 22\nallow { ${list(1, 40)} } to 2049`,
      `allow { ${list(1, 41)} } to 22\nallow { ${list(1, 42)} } to 2049`,
    ],
    [
      '  + allow { 10.0.0.1, 10.0.0.2 … 10.0.0.41 … } to 22',
      '  + allow { 10.0.0.1, 10.0.0.2 … 10.0.0.41, 10.0.0.42 … } to 2049',
    ],
  ],
  [
    'what is no list, cut off',
    [`key ${'a'.repeat(500)}`, `key ${'b'.repeat(500)}`],
    [`  - key … ${'a'.repeat(40)}…`, `  + key … ${'b'.repeat(40)}…`],
  ],
  [
    'words in another order, cut off',
    [`${list(1, 40)}, 10.0.0.41`, `10.0.0.41, ${list(1, 40)}`],
    [`  - ${list(1, 40).slice(0, 120)}…`, `  + 10.0.0.41, ${list(1, 40).slice(0, 109)}…`],
  ],
  [
    'a line that is another one altogether, cut off',
    [list(1, 40), `x ${'y '.repeat(100)}`],
    [`  - ${list(1, 40).slice(0, 120)}…`, `  + x ${'y '.repeat(59)}…`],
  ],
])('of long lines, %s is shown', (_, [before = '', after = ''], expected) => {
  expect(fileDiff(`first\n${before}\n`, `first\n${after}\n`)).toEqual(expected);
});

test('lines that count up are one only where there are too many for all', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, i) => `host${i + 1} up`).join('\n');
  expect(fileDiff('', lines(11))).toHaveLength(12);
  expect(fileDiff('', lines(12))).toEqual(['  - ', '  + host[1-12] up']);
  const words = Array.from({ length: 20 }, (_, i) => 'x'.repeat(i + 1));
  expect(fileDiff('x', words.join('\n')).slice(-2)).toEqual([`  + ${'x'.repeat(13)}`, '  … 7 more lines']);
});

test('if the last run is not known, the kind of change is shown', () => {
  const lines = planLines(
    changes([again('server1', 'k3s', 'config', 'script')]),
    stack,
    new AppliedFiles('damaged'),
  );
  expect(lines).toEqual([
    'k3s on server1',
    '    its configuration has changed',
    '    its script has changed',
  ]);
});

test.each([
  ['address', 'address old → new'],
  ['unfinished', 'did not finish last time'],
  ['machine', 'another machine answers there now, by its host key'],
  ['token', 'the token of the cluster has changed'],
  ['registries', 'the credentials of registries have changed'],
  ['datastore-client.crt', 'datastore-client.crt has changed'],
])('a change of %s is shown as: %s', (trigger, words) => {
  const lines = planLines(changes([again('server1', 'k3s', trigger)]), stack, applied());
  expect(lines.slice(0, 2)).toEqual(['k3s on server1', `    ${words}`]);
});

test('a change says what it does to what runs, and for how long that was measured', () => {
  expect(planLines(changes([again('server1', 'k3s', 'version')]), stack, applied())).toEqual([
    'k3s on server1',
    '    version old → new',
    '    k3s restarts with the new release, one server at a time, drained first; expected outage of the API: 420 ms (measured: upgrade of three servers, v1.34.1 to v1.34.2)',
  ]);
});

test('new secrets restart what reads them, which a plan says although it does not see them', () => {
  expect(planLines(changes([again('server1', 'k3s', 'datastore-client.crt')]), stack, applied())).toEqual([
    'k3s on server1',
    '    datastore-client.crt has changed',
    expect.stringMatching(/^ {4}k3s restarts, one server at a time; pods keep running; expected outage/),
  ]);
});

test('new hosts with the same steps are one line, in the order in which steps run', () => {
  const first = (host: string, step: string): PlannedStep => ({ host, step, kind: 'first', triggers: [] });
  const steps = ['agent2', 'agent1'].flatMap((host) => [first(host, 'k3s'), first(host, 'prepare')]);
  const lines = planLines(changes(steps, { joining: ['agent1', 'agent2'] }), stack, applied());
  expect(lines).toEqual(['agent1, agent2 are new: prepare, k3s']);
});

test('unfinished steps, leaving hosts and forgotten steps are distinguished', () => {
  const steps: PlannedStep[] = [{ host: 'agent1', step: 'k3s', kind: 'repeat', triggers: [] }];
  const dropped = [
    { host: 'agent9', step: 'k3s' },
    { host: 'storage1', step: 'nfs' },
  ];
  expect(planLines(changes(steps, { leaving: ['agent9'], dropped }), stack, applied())).toEqual([
    'agent9 leaves the cluster: its node is drained and deleted, k3s is uninstalled; data of the database and of NFS stays',
    "storage1 no longer has the step 'nfs'; what it did before stays on the host",
    'k3s on agent1',
    '    did not finish last time',
  ]);
});

test('hosts that leave are told together, and those that are dead with what stays on them', () => {
  const leaving = ['agent6', 'agent7', 'agent8', 'agent9', 'srv3'];
  const renamed = new Map([['srv3', 'server3']]);
  const off = 'does not answer within 5 s: is it switched on?';
  const dead = new Map([
    ['agent7', off],
    ['agent8', off],
    ['agent9', 'is in a network that this machine has no route to'],
  ]);
  const how = 'drained and deleted, k3s is uninstalled; data of the database and of NFS stays';
  expect(planLines(changes([], { leaving, renamed }), stack, applied(), dead)).toEqual([
    `agent6 leaves the cluster: its node is ${how}`,
    `agent7, agent8 leave the cluster, but ${off} Their nodes are deleted, and everything stays installed on them: switched on, they join again`,
    'agent9 leaves the cluster, but is in a network that this machine has no route to. Its node is deleted, and everything stays installed on it: switched on, it joins again',
    `srv3 leaves the cluster before its machine becomes server3: its node is ${how}`,
  ]);
});

test('objects of the cluster are shown with what happens to them', () => {
  const lines = clusterPlanLines(
    [
      { object: 'deployment.apps/controller', change: 'configured' },
      { object: 'service/web', change: 'created' },
      { object: 'configmap/old', change: 'pruned' },
    ],
    [{ kind: 'ConfigMap', namespace: 'web', name: 'old' }],
  );
  expect(lines).toEqual([
    'changes deployment.apps/controller',
    'new     service/web',
    'goes    ConfigMap web/old',
  ]);
});
