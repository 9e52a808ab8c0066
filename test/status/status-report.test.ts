import type { Host } from '../../src/model/topology';
import type { SshClient } from '../../src/ssh/client';
import { SshError } from '../../src/ssh/ssh-error';
import { askHosts } from '../../src/status/ask-hosts';
import type { HostStatus } from '../../src/status/host-status';
import { readAnswer } from '../../src/status/probe-answer';
import { reportOf, statusReport } from '../../src/status/status-report';
import { statusText } from '../../src/status/status-text';
import { topologyWith } from '../support/hosts-topology';
import { agentAnswer, askedAt, certificateLine, now, serverAnswer, storageAnswer } from './answers';

const topology = topologyWith();

/** The hosts of the cluster, all well but for those whose answers are given. */
function hosts(answers: Readonly<Record<string, string | HostStatus>> = {}): HostStatus[] {
  return topology.hosts.map((host) => {
    const { name, roles } = host;
    const well = roles.includes('server')
      ? serverAnswer(...(name === 'server2' ? ['virtual-ip\tyes'] : []))
      : roles.includes('agent')
        ? agentAnswer()
        : storageAnswer();
    const answer = answers[name] ?? well;
    return typeof answer === 'string' ? readAnswer(host, answer, askedAt) : answer;
  });
}

function off(name: string): HostStatus {
  const host = topology.hosts.find((other) => other.name === name);
  if (!host) throw new Error(`no host ${name}`);
  const lists = { units: [], steps: [], drift: [], certificates: [] };
  const { address, roles } = host;
  return {
    name,
    address,
    roles,
    reachable: false,
    failure: 'cannot be reached: is it switched on?',
    ...lists,
  };
}

const report = (answers?: Parameters<typeof hosts>[0]) => statusReport(topology, hosts(answers), [], now);

/** Severity, code, host and message of each problem. */
const problems = (answers?: Parameters<typeof hosts>[0]) =>
  report(answers).problems.map(({ severity, code, host, message }) =>
    [severity, code, host ?? 'cluster', message].join(' | '),
  );

test('a cluster that is well has no problem', () => {
  expect(report()).toMatchObject({ healthy: true, problems: [], repair: [] });
  expect(report().api).toEqual({ url: 'https://192.168.10.5:6443', virtualIpHolder: 'server2' });
});

test('of a host that nothing was applied to, that is the only problem', () => {
  const answer = storageAnswer()
    .split('\n')
    .filter((line) => !/^(step|unit|file|postgres|nfs)/.test(line));
  const found = problems({ storage1: [...answer, 'postgres\tnot installed'].join('\n') });
  expect(found.filter((problem) => problem.includes('| storage1 |'))).toEqual([
    expect.stringMatching(/^error \| not-applied \| storage1 \| has no record of a step/),
  ]);
});

test('its text is one table of hosts, and a line for each service', () => {
  const { title, hosts: rows, services } = statusText(topology, report());
  expect(title).toBe('test: healthy, 7 hosts');
  expect([rows[0], rows[1], rows[2], rows[5]]).toEqual([
    ['HOST', 'ROLES', 'STATE', 'UP', 'MEMORY', 'DISK', 'TEMP', 'CLOCK', 'K3S', 'NODE'],
    ['storage1', 'database,nfs', 'ok', '12d 04h', '28%', '35% /', '48°C', 'ok', '-', '-'],
    ['server1', 'server', 'ok', '12d 04h', '28%', '35% /', '48°C', 'ok', 'v1.36.2+k3s1', 'Ready'],
    ['agent1', 'agent', 'ok', '12d 04h', '28%', '35% /', '48°C', 'ok', 'v1.36.2+k3s1', 'Ready'],
  ]);
  expect(services).toEqual([
    ['api', 'https://192.168.10.5:6443, virtual IP on server2'],
    ['haproxy', 'servers up, as seen by server1 3/3, server2 3/3, server3 3/3'],
    ['postgres', 'storage1 17.6, 42 of 320 connections, kine 46 MiB with 12345 rows and 678 dead ones'],
    ['image', 'storage1 docker.io/library/postgres:17 is sha256:cccccccccccc…'],
    ['backup', 'storage1 the last one 2027-03-01T03:00:00Z, 5.0 MiB'],
    ['nfs', 'storage1 /srv/nfs, exported to 6 clients'],
  ]);
});

test('a host that is off is a row and a problem, and the rest is still reported', () => {
  const answers = {
    server3: off('server3'),
    server1: serverAnswer('backend\tserver3\tDOWN\tL4CON', 'node\tserver3\tUnknown\tv1.36.2+k3s1\t\t'),
  };
  expect(problems(answers)).toEqual([
    'error | host-unreachable | server3 | cannot be reached: is it switched on?',
    "error | node-not-ready | server3 | is not Ready: 'kubectl describe node server3' shows why",
  ]);
  const text = statusText(topology, report(answers));
  expect(text.hosts[4]).toEqual([
    'server3',
    'server',
    'unreachable',
    '-',
    '-',
    '-',
    '-',
    '-',
    'v1.36.2+k3s1',
    'NotReady',
  ]);
  expect(text.title).toBe('test: 2 errors on 7 hosts');
});

test.each([
  ['host-key-changed', 'shows another host key'],
  ['permission-denied', 'refuses user'],
  ['key-file', 'cannot be logged in to'],
] as const)('a host that is not asked because of %s is not called unreachable', async (failure, reason) => {
  const host = topology.servers[2] as Host;
  const ssh = { run: () => Promise.reject(new SshError(failure, host, reason)) } as unknown as SshClient;
  const options = { ssh, timeoutMs: 1, now: () => now.getTime() };
  const [silent = off('server3')] = await askHosts({ ...topology, hosts: [host] }, options);
  expect(problems({ server3: silent })).toContainEqual(`error | host-not-asked | server3 | ${reason}`);
  expect(statusText(topology, report({ server3: silent })).hosts[4]?.[2]).toBe('not asked');
});

test('where the virtual IP is is not known of servers that nobody could ask', () => {
  const api = (answers: Parameters<typeof report>[0]) =>
    statusText(topology, report(answers)).services[0]?.[1];
  const silent = { server1: off('server1'), server2: off('server2'), server3: off('server3') };
  expect(api(silent)).toBe('https://192.168.10.5:6443, virtual IP not known: no server could be asked');
  expect(api({ server2: off('server2') })).toBe(
    'https://192.168.10.5:6443, virtual IP on no host that could be asked; server2 could not',
  );
});

test('differences from the last apply are reported by step, with the command that repairs them', () => {
  const server1 = serverAnswer(
    'drift\tload-balancer\tcontent\t/etc/haproxy/k3s-api.cfg',
    'drift\tk3s\tmode\t/etc/rancher/k3s/config.yaml\t0600 root:root\t0644 root:root',
    'drift\tk3s\tlink\t/usr/local/bin/k3s\tk3s-v1.36.2+k3s1\tk3s-v1.35.0+k3s1',
    'unit\tkeepalived.service\tloaded\tdisabled\tactive\trunning\t0',
  );
  expect(problems({ server1 })).toEqual([
    "error | drift | server1 | differs from what step 'load-balancer' put there: '/etc/haproxy/k3s-api.cfg' was changed",
    "error | drift | server1 | differs from what step 'k3s' put there: '/etc/rancher/k3s/config.yaml' is 0644 root:root, not 0600 root:root, '/usr/local/bin/k3s' leads to 'k3s-v1.35.0+k3s1', not to 'k3s-v1.36.2+k3s1'",
    "error | unit-disabled | server1 | does not start keepalived when it boots: 'systemctl enable keepalived' on it",
  ]);
  expect(report({ server1 }).repair).toEqual([
    'null_resource.server1_k3s',
    'null_resource.server1_load-balancer',
  ]);
});

test('a running step is not drift; an unfinished one is reported', () => {
  const agent1 = agentAnswer('step\tk3s\trunning\t', 'drift\tk3s\tcontent\t/etc/x');
  expect(report({ agent1 }).repair).toEqual([]);
  expect(problems({ agent1 })[1]).toBe("warning | step-running | agent1 | is running step 'k3s' of an apply");
  const unfinished = { agent1: agentAnswer('step\tk3s\tunfinished\t') };
  expect(problems(unfinished)).toEqual([
    "error | step-unfinished | agent1 | has a step 'k3s' that did not finish: apply again",
  ]);
  expect(report(unfinished).repair).toEqual(['null_resource.agent1_k3s[0]']);
});

test.each([
  [
    'a stopped haproxy',
    'unit\thaproxy.service\tloaded\tenabled\tinactive\tdead\t0',
    'error | unit-down | server1 | has haproxy inactive',
  ],
  [
    'a masked one',
    'unit\thaproxy.service\tmasked\tmasked\tinactive\tdead\t0',
    'error | unit-masked | server1 | has haproxy masked',
  ],
  [
    'a full disk',
    'disk\t/\t31138512896\t1000000000\t1900000\t1700000',
    'error | disk-full | server1 | has only 954 MiB of 29 GiB left in',
  ],
  [
    'a disk without inodes',
    'disk\t/\t31138512896\t20138512896\t1900000\t100',
    "error | disk-full | server1 | has only 100 files left in '/'",
  ],
  ['an SD card that fails', 'read-only\t/', "error | disk-read-only | server1 | cannot write to '/'"],
  ['too little voltage now', 'throttled\t0x50005', 'error | undervoltage | server1 | has undervoltage'],
  ['too little voltage once', 'throttled\t50000', 'warning | undervoltage | server1 | has had undervoltage'],
  [
    'a clock that is behind',
    `time\t${askedAt.from - 90}`,
    "error | clock-off | server1 | has a clock that is 90 s behind this machine's",
  ],
  ['no time server', 'clock\tno', 'warning | clock-alone | server1 | is not synchronized with a time server'],
  [
    'an API that fails',
    'api\tno\tthe server could not find it',
    'error | api-down | server1 | has an API that does not answer (the server could not find it)',
  ],
  [
    'a cordoned node',
    'node\tagent1\tTrue\tv1.36.2+k3s1\ttrue\tReady',
    'warning | node-cordoned | agent1 | takes no new pods',
  ],
  [
    'a full node',
    'node\tagent1\tTrue\tv1.36.2+k3s1\t\tReady DiskPressure',
    'warning | node-pressure | agent1 | reports DiskPressure',
  ],
  [
    'an old node',
    'node\tagent1\tTrue\tv1.35.0+k3s1\t\tReady',
    'warning | version | agent1 | runs k3s v1.35.0+k3s1, and cluster.yaml wants v1.36.2+k3s1',
  ],
  [
    'a node of nobody',
    'node\told\tTrue\tv1.36.2+k3s1\t\tReady',
    'warning | node-unknown | old | is a node of the cluster and not in cluster.yaml',
  ],
  [
    'a second virtual IP',
    'virtual-ip\tyes',
    'error | virtual-ip-twice | cluster | server1 and server2 have the virtual IP 192.168.10.5',
  ],
  [
    'a closed port between servers',
    'backend\tserver3\tDOWN\tL4TOUT',
    'error | backend-down | server1 | has a haproxy that finds the API of server3 down (L4TOUT)',
  ],
])('%s is told', (_, line, problem) => {
  expect(problems({ server1: serverAnswer(line) })).toEqual([expect.stringContaining(problem)]);
});

test('when Postgres is down, that is the cause, and the failing API is not reported as well', () => {
  const server1 = serverAnswer('api\tno\tetcd failed');
  const storage1 = storageAnswer('postgres\tfailed').replace(/^postgres-figures.*\n/m, '');
  expect(problems({ server1, storage1 })).toEqual([
    expect.stringContaining('error | database-down | storage1 | has a Postgres that is failed'),
  ]);
  expect(report({ storage1 }).repair).toEqual(['null_resource.storage1_database']);
});

test('nodes that no API lists in time are not said to be missing; one server that lists them is enough', () => {
  const busy = serverAnswer('nodes-failure\ttimed out').replace(/^node\t.*\n/gm, '');
  expect(problems({ server1: busy })).toEqual([]);
  const all = { server1: busy, server2: busy, server3: busy };
  expect(problems(all).filter((line) => line.includes('node'))).toEqual(
    ['server1', 'server2', 'server3'].map((server) =>
      expect.stringContaining(
        `error | nodes-unknown | ${server} | has an API that answers and does not list the nodes (timed out)`,
      ),
    ),
  );
});

test('a failed backup is reported, with the last good one; none yet is not a problem', () => {
  const failed = `backup\t{ "lastSuccess": "2027-02-28T03:00:00Z", "file": "/srv/x.tar", "bytes": 5, "lastFailure": "2027-03-01T03:00:00Z" }`;
  expect(problems({ storage1: storageAnswer(failed) })).toEqual([
    "error | backup-failed | storage1 | could not make the backup of 2027-03-01T03:00:00Z (the last good one is of 2027-02-28T03:00:00Z): see 'journalctl -u k3s-cdk-backup' on it",
  ]);
  expect(problems({ storage1: storageAnswer('backup\t') })).toEqual([]);
});

test('many dead rows, many connections and a missing export are reported', () => {
  const storage1 = storageAnswer(
    'postgres-figures\t17.6\t320\t300\t61865984\t48234496\t12345\t200000',
    'export\t0',
  );
  expect(problems({ storage1 }).map((line) => line.split(' | ')[1])).toEqual([
    'nfs-not-exported',
    'database-connections',
    'database-bloat',
  ]);
});

test('certificates that are due are reported, those of k3s later than ours', async () => {
  // Good for ten years from then.
  const made = (days: number) => new Date(now.getTime() - (3650 - days) * 24 * 60 * 60 * 1000);
  const [soon, gone] = [made(75), made(-1)];
  const lines = [
    await certificateLine('/etc/rancher/k3s/datastore/client.crt', soon),
    await certificateLine('/var/lib/rancher/k3s/server/tls/client-admin.crt', soon),
    await certificateLine('/var/lib/rancher/k3s/server/tls/client-scheduler.crt', gone),
  ];
  expect(problems({ server1: serverAnswer(...lines) })).toEqual([
    "error | certificate-expired | server1 | has a certificate '/var/lib/rancher/k3s/server/tls/client-scheduler.crt' that expired on 2027-02-28: repeat the step 'k3s', which restarts k3s, one server after the other, and so renews it",
    "warning | certificate-expires | server1 | has a certificate '/etc/rancher/k3s/datastore/client.crt' that expires on 2027-05-15: run 'k3s-cdk init --renew', then 'k3s-cdk deploy'",
  ]);
  expect(report({ server1: serverAnswer(...lines) }).repair).toEqual(['null_resource.server1_k3s']);
  // Nothing that a restart of k3s would renew.
  const authority = await certificateLine('/var/lib/rancher/k3s/server/tls/server-ca.crt', gone);
  expect(report({ server1: serverAnswer(authority) }).repair).toEqual([]);
});

test('an answer that breaks off is none', () => {
  const [host] = topology.hosts;
  if (!host) throw new Error('no host');
  expect(() => readAnswer(host, storageAnswer().replace('end\n', ''), askedAt)).toThrow('is not complete');
});

test('problems that are the same on several hosts are one sentence', () => {
  const text = statusText(
    topology,
    report({ agent1: agentAnswer('clock\tno'), agent2: agentAnswer('clock\tno') }),
  );
  expect(text.problems).toEqual([
    { severity: 'warning', text: expect.stringMatching(/^agent1, agent2: is not synchronized/) },
  ]);
});

test('hosts for which there is no room share a line when they are alike, problems first, with the worst figure', () => {
  const found = report({
    agent2: off('agent2'),
    agent3: agentAnswer('memory\t8323948544\t1012452864'),
    server2: serverAnswer('uptime\t90000'),
  });
  const rows = statusText(topology, found, { room: 6 }).hosts;
  expect(rows.map(([name, , state, up, memory]) => [name, state, up, memory])).toEqual([
    ['HOST', 'STATE', 'UP', 'MEMORY'],
    ['agent2', 'unreachable', '-', '-'],
    ['storage1', 'ok', '12d 04h', '28%'],
    ['server[1-3]', 'ok', '≥1d 01h', '≤28%'],
    ['agent1, agent3', 'ok', '≥12d 04h', '≤88%'],
  ]);
  expect(statusText(topology, found, { room: 7 }).hosts).toHaveLength(8);
});

test('of some hosts all is told that servers know of them, and nothing of the others', () => {
  const found = report({
    agent2: off('agent2'),
    server1: serverAnswer('node\tagent1\tFalse\tv1.36.2+k3s1\t\tReady'),
  });
  const only = new Set(['agent1']);
  expect(reportOf(found, only)).toMatchObject({
    healthy: false,
    hosts: [{ name: 'agent1' }],
    problems: [{ host: 'agent1', code: 'node-not-ready' }],
  });
  const text = statusText(topology, found, { room: 7, only });
  expect(text.title).toBe('test: 1 error on 1 host');
  expect(text.hosts.slice(1).map((row) => [row[0], row.at(-1)])).toEqual([['agent1', 'NotReady']]);
  expect(text.services).toEqual([]);
  expect(reportOf(found, new Set(['agent3']))).toMatchObject({ healthy: true, problems: [] });
});

test('whom hosts have called is a line each, and a call that fails is a problem', () => {
  const time = (minute: number) => `2027-03-01T11:${minute}:00Z`;
  const called = (...lines: string[]) => ['watch-run\t2027-03-01T11:58:00Z', ...lines];
  const answers = {
    server1: serverAnswer(...called(`watch-heartbeat\t${time(57)}`)),
    server3: serverAnswer(...called(`watch-heartbeat\t${time(58)}`, `watch-problems\t${time(10)}`)),
    agent1: agentAnswer(...called(`watch-problems-failure\t${time(30)}\tHTTP status 403`)),
  };
  expect(statusText(topology, report(answers)).services.filter(([name]) => name === 'calls')).toEqual([
    ['calls', 'heartbeat: the last one 2027-03-01T11:58:00Z, by server3'],
    ['calls', 'problems: the last one 2027-03-01T11:10:00Z, by server3'],
  ]);
  expect(problems(answers)).toEqual([
    "error | call-failed | agent1 | has not been able to call the address in 'secrets/watch-problems' since 2027-03-01T11:30:00Z (HTTP status 403): see 'journalctl -u k3s-cdk-watch' on it",
  ]);
  const never = { server1: serverAnswer(...called()) };
  expect(statusText(topology, report(never)).services).toContainEqual(['calls', 'none yet']);
});

test('copies elsewhere and restore drills are in the lines of backups', () => {
  const storage1 = storageAnswer(
    'backup\t{ "lastSuccess": "2027-03-01T03:00:00Z", "bytes": 5242880, "offsite": "2027-02-28T03:00:00Z", "offsiteFailure": "2027-03-01T03:00:00Z" }',
    'drill\t{ "lastSuccess": "2027-02-28T03:10:00Z", "backup": "test-20270228T030000Z.tar", "since": "2027-01-01T00:00:00Z", "lastFailure": null }',
  );
  const offsite = topologyWith('database: { backup: { offsite: { repository: /mnt/restic } } }');
  const all = statusReport(offsite, hosts({ storage1 }), [], now);
  expect(statusText(offsite, all).services.filter(([name]) => /backup|drill/.test(name ?? ''))).toEqual([
    ['backup', 'storage1 the last one 2027-03-01T03:00:00Z, 5.0 MiB, elsewhere 2027-02-28T03:00:00Z'],
    ['drill', 'storage1 restored test-20270228T030000Z.tar on 2027-02-28T03:10:00Z'],
  ]);
  expect(all.problems.map(({ code, message }) => [code, message])).toEqual([
    [
      'offsite-failed',
      "has the backup of 2027-03-01T03:00:00Z, and could not copy it elsewhere (the last good one is of 2027-02-28T03:00:00Z): see 'journalctl -u k3s-cdk-backup' on it",
    ],
  ]);
});
