import { deferralLines } from '../../src/commands/deploy/deferral';
import { planLines } from '../../src/commands/deploy/plan-lines';
import { diagramCommand } from '../../src/commands/diagram';
import { diffCommand } from '../../src/commands/diff/diff';
import { doctorCommand } from '../../src/commands/doctor';
import { statusCommand } from '../../src/commands/status';
import { wrapped } from '../../src/commands/wrap';
import type { Host, Topology } from '../../src/model/topology';
import { check } from '../../src/preflight/check';
import type { PreflightOptions } from '../../src/preflight/preflight';
import { comparedHosts } from '../../src/review/compared-hosts';
import type { HostStatus } from '../../src/status/host-status';
import { readAnswer } from '../../src/status/probe-answer';
import type { Problem } from '../../src/status/problem';
import { synth } from '../../src/synth';
import { AppliedFiles } from '../../src/terraform/applied-files';
import { agentAnswer, askedAt, now, serverAnswer, storageAnswer } from '../status/answers';
import { fleetYaml } from '../support/fleet';
import { Project } from '../support/project';
import { RecordingTerminal } from '../support/recording-terminal';

/** How the hosts of these tests are: seven agents are off, three have no time server, and a server has a full disk. */
const off = (name: string) => /^agent0[1-7]7$/.test(name);
const late = (name: string) => /^agent20[1-3]$/.test(name);
const full = 'disk\t/\t31138512896\t1138512896\t1900000\t1700000';

jest.mock('../../src/status/ask-hosts', () => ({
  askHosts: async (topology: Topology, { hosts }: { hosts: readonly Host[] }) =>
    hosts.map((host) => statusOf(host, topology)),
}));

/** As a server says it of every node. */
function nodeLines({ nodes }: Topology): string[] {
  return nodes.map(({ name }) => `node\t${name}\t${off(name) ? 'False' : 'True'}\tv1.36.2+k3s1\t\tReady`);
}

function statusOf(host: Host, topology: Topology): HostStatus {
  const { name, address, roles, kind } = host;
  if (off(name))
    return {
      ...{ name, address, roles, reachable: false, failure: 'does not answer: is it switched on?' },
      ...{ units: [], steps: [], drift: [], certificates: [] },
    };
  const others = [
    ...(late(name) ? ['clock\tno'] : []),
    ...(name === 'server2' ? [full, 'virtual-ip\tyes'] : []),
    ...(kind === 'server' ? nodeLines(topology) : []),
  ];
  const answer = kind === 'server' ? serverAnswer : kind === 'agent' ? agentAnswer : storageAnswer;
  // Without the nodes of another cluster.
  return readAnswer(host, answer(...others).replace(/^node\tagent\d\t.*\n/gm, ''), askedAt);
}

jest.mock('../../src/preflight/preflight', () => ({
  preflight: async (_: Topology, { hosts = [], onCheck }: PreflightOptions) => {
    const found = (severity: Problem['severity'], host: string, code: Problem['code'], message: string) =>
      [{ severity, host, code, message }] satisfies Problem[];
    const checks = hosts.map(({ name }) =>
      off(name)
        ? check(name, '', found('error', name, 'unreachable', 'does not answer: is it switched on?'))
        : check(
            name,
            'Debian GNU/Linux 13 (trixie), arm64',
            late(name) ? found('warning', name, 'clock', 'its clock is not synchronized') : [],
          ),
    );
    for (const each of checks) onCheck?.(each);
    return { checks, problems: checks.flatMap(({ problems }) => problems), blankDisks: [], setUp: [] };
  },
}));

const [width, height] = [80, 24];

/** Lines as a terminal of that width has them. */
function onScreen(lines: readonly string[]): string[] {
  const shown = wrapped(lines.join('\n'), width).split('\n');
  expect(shown.filter((line) => line.length > width)).toEqual([]);
  return shown;
}

/** The first line that matches, from 0. */
const placeOf = (lines: readonly string[], pattern: RegExp) => {
  const place = lines.findIndex((line) => pattern.test(line));
  expect(place).toBeGreaterThanOrEqual(0);
  return place;
};

test('the state of three hundred hosts is half a screen of 80 × 24, problems first, and their sentences another', async () => {
  const project = new Project(fleetYaml(296));
  const drawn: string[] = [];
  const screen = {
    color: false,
    width,
    height,
    draw: (lines: readonly string[]) => void drawn.push(...lines),
  };
  const exitCode = await statusCommand(
    { file: project.file, watch: false, timeoutSeconds: 1 },
    { clock: () => now.getTime(), signal: new AbortController().signal, environment: {}, screen },
    new RecordingTerminal(project.folder, height),
  );
  expect(exitCode).toBe(1);
  const lines = onScreen(drawn);
  const hosts = lines.slice(placeOf(lines, /^HOST /) + 1, placeOf(lines, /^api /) - 1);
  expect(lines.length).toBeLessThan(1.5 * height);
  expect(hosts.length).toBeLessThanOrEqual(height / 2);
  const states = hosts.map((line) => /unreachable|error|warning|ok/.exec(line)?.[0]);
  const order = ['unreachable', 'error', 'warning', 'ok'];
  expect(states).toEqual([...states].sort((a = '', b = '') => order.indexOf(a) - order.indexOf(b)));
  expect(states).toEqual(expect.arrayContaining(order));
});

test('what doctor finds on three hundred hosts is a screen of 80 × 24, problems first', async () => {
  const project = new Project(fleetYaml(296));
  const terminal = new RecordingTerminal(project.folder, height);
  const exitCode = await doctorCommand(
    { file: project.file, timeoutSeconds: 1 },
    { clock: () => now.getTime(), environment: {} },
    terminal,
  );
  expect(exitCode).toBe(1);
  const lines = onScreen(terminal.printed);
  expect(lines.length).toBeLessThan(height);
  expect(lines.flatMap((line) => /^[✖!✔]/.exec(line)?.[0] ?? [])).toEqual(['✖', '!', '✔']);
  expect(lines.join('\n')).toContain('agent[201-203]');
  // Names that nobody would copy are given to Terraform by a program.
  const variable = '-var "deferred=$(k3s-cdk doctor --json | jq -c .deferred)"';
  expect(terminal.printed).toContain(`  ${variable}`);
  const { deferred } = Object.assign({}, ...terminal.reported) as { deferred: string[] };
  expect(deferred).toEqual([1, 2, 3, 4, 5, 6, 7].map((digit) => `agent0${digit}7`));
  expect(deferralLines(deferred, 'k3s-cdk deploy', '').at(-1)?.endsWith(` ${variable}`)).toBe(true);
});

/** A fleet of ten agents that gets 286 more, and what was applied of it. */
function grown() {
  const [before, after] = [10, 296].map((agents) => {
    const topology = new Project(fleetYaml(agents)).topology();
    return { topology, ...synth(topology) };
  });
  if (!before || !after) throw new Error('no clusters');
  const applied = new AppliedFiles(undefined);
  for (const step of before.steps) applied.record(step);
  return { before, after, applied };
}

test('a plan of three hundred hosts is a few screens of 80 × 24, and says what comes to long lines', () => {
  const { before, after, applied } = grown();
  const planned = planLines(comparedHosts(before, after), after, applied);
  const lines = onScreen(planned);
  expect(lines.length).toBeLessThan(2 * height);
  expect(lines[0]).toBe('agent[011-296] are new: prepare, firewall, nfs-client, k3s-binary, k3s');
  expect(planned).toEqual(
    expect.arrayContaining([
      '      + input ip,inet ip saddr { … 192.168.10.[11-200], 192.168.11.[1-96] … } tcp dport { 2049 } accept',
      '      + agent[011-296] unknown - -',
    ]),
  );
});

test('the way back says what goes from long lines', () => {
  const { before, after } = grown();
  const applied = new AppliedFiles(undefined);
  for (const step of after.steps) applied.record(step);
  const lines = planLines(comparedHosts(after, before), before, applied);
  expect(onScreen(lines).length).toBeLessThan(2 * height);
  expect(lines.filter((line) => line.includes('saddr'))).toEqual([
    expect.stringMatching(
      /^ +- input ip,inet ip saddr \{ … 192\.168\.10\.\[11-200\], 192\.168\.11\.\[1-96\] … \}/,
    ),
  ]);
});

async function diff(hosts: string | undefined, more = '') {
  const { folder, file } = new Project(fleetYaml(296, more));
  const terminal = new RecordingTerminal(folder);
  const options = { file, from: new Project(fleetYaml(10)).file, to: file, format: 'text' as const, hosts };
  const exitCode = await diffCommand(options, { environment: {} }, terminal);
  return { exitCode, ...terminal };
}

test('diff shows what happens on the hosts that are named, and that more happens elsewhere', async () => {
  const { exitCode, printed, reported } = await diff('annex,server2');
  expect(exitCode).toBe(3);
  expect(printed).toEqual([
    'hosts:',
    '  agent[201-296] are new: prepare, firewall, nfs-client, k3s-binary, k3s',
    '  what happens on 192 other hosts is not shown',
    'cluster:',
    '  nothing changes',
  ]);
  const [{ hosts }] = reported as unknown as [{ hosts: { joining: string[]; steps: { host: string }[] } }];
  expect(hosts.joining).toHaveLength(96);
  expect(new Set(hosts.steps.map(({ host }) => host)).size).toBe(96);
  const all = await diff(undefined);
  expect(all.printed.length).toBeLessThan(2 * height);
  const wrong = await diff('agent297');
  expect([wrong.exitCode, wrong.printed, wrong.errors]).toEqual([
    1,
    [],
    [expect.stringMatching(/^error: --hosts 'agent297': no host and no group has this name/)],
  ]);
});

test('a diagram has the agents that are named, and all that they need', () => {
  const { file, folder } = new Project(fleetYaml(296));
  const draw = (hosts: string | undefined) => {
    const terminal = new RecordingTerminal(folder);
    const output = { format: 'mermaid' as const, onScreen: false, hosts };
    const exitCode = diagramCommand({ file, ...output }, terminal);
    return { exitCode, text: terminal.printed.join('\n'), errors: terminal.errors };
  };
  expect(draw(undefined).text).toContain('296 agents');
  const { text } = draw('annex');
  expect(text).toContain('agent[201-296]<br/>96 agents');
  expect(text).not.toContain('agent[001');
  for (const name of ['server1', 'server2', 'server3', 'storage1']) expect(text).toContain(name);
  expect(draw('server1').text).not.toContain('agents');
  expect(draw('agent[400-500]')).toMatchObject({ exitCode: 1, text: '' });
});
