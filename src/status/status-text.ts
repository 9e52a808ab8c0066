import type { Topology } from '../model/topology';
import type { NodeStatus } from '../roles/k3s/status';
import { roles } from '../roles/roles';
import { count, duration, percent } from './figures';
import type { HostStatus, MachineStatus } from './host-status';
import type { Problem } from './problem';
import { type ProblemSentence, problemSentences } from './problem-sentences';
import type { StatusReport } from './status-report';

/** Text for people: cells of a table, whose columns are aligned by whoever prints it. */
export interface StatusText {
  readonly title: string;
  readonly hosts: readonly (readonly string[])[];
  readonly services: readonly (readonly string[])[];
  readonly problems: readonly ProblemSentence[];
}

export function statusText(topology: Topology, report: StatusReport): StatusText {
  const problems = problemSentences(report.problems);
  return {
    title: `${report.cluster}: ${summary(report, problems)}`,
    hosts: hostRows(report),
    services: [...services(topology, report)],
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

/** Empty columns are left out: no temperatures of virtual machines. */
function hostRows({ hosts, problems }: StatusReport): string[][] {
  const nodes = hosts.find(({ k3s }) => k3s?.api?.answers)?.k3s?.nodes ?? [];
  const rows = hosts.map((host) => hostRow(host, nodes, problems));
  const header = ['HOST', 'ROLES', 'STATE', 'UP', 'MEMORY', 'DISK', 'TEMP', 'CLOCK', 'K3S', 'NODE'];
  const used = header.map((_, column) => rows.some((row) => row[column] !== ''));
  return [header, ...rows].map((row) =>
    row.filter((_, column) => used[column]).map((cell) => (cell === '' ? '-' : cell)),
  );
}

function hostRow(host: HostStatus, nodes: readonly NodeStatus[], problems: readonly Problem[]): string[] {
  const { name, roles, machine, k3s } = host;
  const own = problems.filter((problem) => problem.host === name);
  const worst = own.some(({ severity }) => severity === 'error')
    ? 'error'
    : own.length > 0
      ? 'warning'
      : 'ok';
  const node = nodes.find((other) => other.name === name);
  return [
    name,
    roles.join(','),
    !host.reachable ? 'unreachable' : host.failure === undefined ? worst : 'not asked',
    ...(machine ? machineCells(machine) : ['', '', '', '', '']),
    node?.version ?? k3s?.version ?? '',
    node ? `${node.ready ? 'Ready' : 'NotReady'}${node.schedulable ? '' : ',cordoned'}` : '',
  ];
}

function machineCells({ uptime, memory, disks, temperature, clockSkew }: MachineStatus): string[] {
  const fullest = [...disks].sort((a, b) => a.available / a.size - b.available / b.size)[0];
  return [
    duration(uptime * 1000),
    percent(memory.total - memory.available, memory.total),
    fullest ? `${percent(fullest.size - fullest.available, fullest.size)} ${fullest.mount}` : '',
    temperature === undefined ? '' : `${Math.round(temperature)}°C`,
    clockSkew === 0 ? 'ok' : `${clockSkew > 0 ? '+' : '-'}${duration(Math.abs(clockSkew) * 1000)}`,
  ];
}

function holderText({ virtualIpHolder }: StatusReport['api'], hosts: StatusReport['hosts']): string {
  if (virtualIpHolder !== undefined) return `on ${virtualIpHolder}`;
  const servers = hosts.filter(({ roles }) => roles.includes('server'));
  const open = servers.filter(({ loadBalancer }) => !loadBalancer).map(({ name }) => name);
  if (open.length === 0) return 'on no host';
  return open.length === servers.length
    ? 'not known: no server could be asked'
    : `on no host that could be asked; ${open.join(', ')} could not`;
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
