import { hostGroups, nameList, someNames } from '../model/host-groups';
import type { Topology } from '../model/topology';
import type { NodeStatus } from '../roles/k3s/status';
import { roles } from '../roles/roles';
import { count, duration, percent } from './figures';
import type { HostStatus, MachineStatus } from './host-status';
import type { Problem } from './problem';
import { type ProblemSentence, problemSentences } from './problem-sentences';
import { reportOf, type StatusReport } from './status-report';

/** Text for people: cells of a table, whose columns are aligned by whoever prints it. */
export interface StatusText {
  readonly title: string;
  readonly hosts: readonly (readonly string[])[];
  readonly services: readonly (readonly string[])[];
  readonly problems: readonly ProblemSentence[];
}

export interface StatusTextOptions {
  /** Lines for hosts. Where there are more, those that are alike share one, with the worst of their figures. */
  readonly room: number;
  /** Names of the hosts of interest; services are of all. @default - all */
  readonly only?: ReadonlySet<string> | undefined;
}

export function statusText(
  topology: Topology,
  report: StatusReport,
  { room, only }: StatusTextOptions = { room: Number.POSITIVE_INFINITY },
): StatusText {
  const shown = only ? reportOf(report, only) : report;
  const problems = problemSentences(shown.problems);
  const nodes = report.hosts.find(({ k3s }) => k3s?.api?.answers)?.k3s?.nodes ?? [];
  return {
    title: `${report.cluster}: ${summary(shown, problems)}`,
    hosts: hostRows(shown, nodes, room),
    services: only ? [] : [...services(topology, report)],
    problems,
  };
}

/** Counts the sentences, which people see below it. */
function summary({ hosts }: StatusReport, problems: readonly ProblemSentence[]): string {
  if (problems.length === 0) return `healthy, ${count(hosts.length, 'host')}`;
  const number = (severity: Problem['severity']) =>
    problems.filter((problem) => problem.severity === severity).length;
  const parts = [
    ...(number('error') > 0 ? [count(number('error'), 'error')] : []),
    ...(number('warning') > 0 ? [count(number('warning'), 'warning')] : []),
  ];
  return `${parts.join(' and ')} on ${count(hosts.length, 'host')}`;
}

/** Of a line, for hosts that share it. */
const namesWidth = 32;

/** Empty columns are left out: no temperatures of virtual machines. */
function hostRows({ hosts, problems }: StatusReport, nodes: readonly NodeStatus[], room: number): string[][] {
  const worst = new Map<string, Problem['severity']>();
  for (const { host, severity } of problems)
    if (host !== undefined && worst.get(host) !== 'error') worst.set(host, severity);
  const known = new Map(nodes.map((node) => [node.name, node]));
  const judged = hosts.map((host) => judge(host, worst.get(host.name), known.get(host.name)));
  const same = ({ host, state, version, node }: Judged) => [host.roles, state, version, node].join(' ');
  const groups = hostGroups(judged, room, same);
  if (hosts.length > room) groups.sort((a, b) => urgency(a) - urgency(b));
  const rows = groups.map(hostRow);
  const header = ['HOST', 'ROLES', 'STATE', 'UP', 'MEMORY', 'DISK', 'TEMP', 'CLOCK', 'K3S', 'NODE'];
  const used = header.map((_, column) => rows.some((row) => row[column] !== ''));
  return [header, ...rows].map((row) =>
    row.filter((_, column) => used[column]).map((cell) => (cell === '' ? '-' : cell)),
  );
}

/** A host with what is said of it in a word. */
interface Judged {
  readonly host: HostStatus;
  readonly state: (typeof states)[number];
  readonly version: string;
  readonly node: string;
}

/** Problems first. */
const states = ['unreachable', 'not asked', 'error', 'warning', 'ok'] as const;

function urgency([first]: readonly Judged[]): number {
  return first ? states.indexOf(first.state) : states.length;
}

function judge(host: HostStatus, worst: Problem['severity'] | undefined, node?: NodeStatus): Judged {
  const state = !host.reachable ? 'unreachable' : host.failure === undefined ? (worst ?? 'ok') : 'not asked';
  return {
    ...{ host, state },
    version: node?.version ?? host.k3s?.version ?? '',
    node: node ? `${node.ready ? 'Ready' : 'NotReady'}${node.schedulable ? '' : ',cordoned'}` : '',
  };
}

/** A host, or several that are alike. */
function hostRow(group: readonly Judged[]): string[] {
  const [first] = group;
  if (!first) return [];
  const machines = group.flatMap(({ host: { machine } }) => machine ?? []);
  return [
    nameList(
      group.map(({ host: { name } }) => name),
      { width: namesWidth },
    ),
    first.host.roles.join(','),
    first.state,
    ...machineCells(machines),
    first.version,
    first.node,
  ];
}

/** Figures of a machine, or the worst of several. */
function machineCells(machines: readonly MachineStatus[]): string[] {
  const worst = <T>(items: readonly T[], figure: (item: T) => number) =>
    items.length === 0 ? undefined : items.reduce((a, b) => (figure(b) > figure(a) ? b : a));
  const several = machines.length > 1;
  const most = several ? '≤' : '';
  const youngest = worst(machines, ({ uptime }) => -uptime);
  const memory = worst(
    machines.map((machine) => machine.memory),
    ({ total, available }) => (total - available) / total,
  );
  const disk = worst(
    machines.flatMap(({ disks }) => disks),
    ({ available, size }) => -available / size,
  );
  const temperature = worst(
    machines.flatMap((machine) => machine.temperature ?? []),
    (degrees) => degrees,
  );
  const skew = worst(
    machines.map(({ clockSkew }) => clockSkew),
    Math.abs,
  );
  return [
    youngest ? `${several ? '≥' : ''}${duration(youngest.uptime * 1000)}` : '',
    memory ? `${most}${percent(memory.total - memory.available, memory.total)}` : '',
    disk ? `${most}${percent(disk.size - disk.available, disk.size)} ${disk.mount}` : '',
    temperature === undefined ? '' : `${most}${Math.round(temperature)}°C`,
    skew === undefined ? '' : clockText(skew),
  ];
}

function clockText(skew: number): string {
  return skew === 0 ? 'ok' : `${skew > 0 ? '+' : '-'}${duration(Math.abs(skew) * 1000)}`;
}

function holderText({ virtualIpHolder }: StatusReport['api'], hosts: StatusReport['hosts']): string {
  if (virtualIpHolder !== undefined) return `on ${virtualIpHolder}`;
  const servers = hosts.filter(({ roles }) => roles.includes('server'));
  const open = servers.filter(({ loadBalancer }) => !loadBalancer).map(({ name }) => name);
  if (open.length === 0) return 'on no host';
  return open.length === servers.length
    ? 'not known: no server could be asked'
    : `on no host that could be asked; ${someNames(open)} could not`;
}

function* services(topology: Topology, { api, hosts }: StatusReport): Iterable<readonly string[]> {
  yield ['api', `${api.url}${topology.api.loadBalancer ? `, virtual IP ${holderText(api, hosts)}` : ''}`];
  for (const { status } of roles) yield* status?.rows?.(topology, hosts) ?? [];
  const [first] = hosts
    .flatMap(({ name, certificates }) => certificates.map((certificate) => ({ ...certificate, name })))
    .sort((a, b) => (a.expires < b.expires ? -1 : 1));
  if (first)
    yield ['certificates', `first to expire on ${first.expires.slice(0, 10)}, ${first.name} ${first.path}`];
}
