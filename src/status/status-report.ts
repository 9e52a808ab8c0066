import { stepAddress, stepAt } from '../model/step-address';
import type { Topology } from '../model/topology';
import { roles } from '../roles/roles';
import type { SecretFinding } from '../secrets/report';
import { certificateProblems } from './certificate-problems';
import type { HostStatus } from './host-status';
import { machineProblems } from './machine-problems';
import type { Problem } from './problem';
import { stepProblems } from './step-problems';

/** What `k3s-cdk status --json` prints. Members are added, never renamed or taken away. */
export interface StatusReport {
  readonly cluster: string;
  /** When it was asked for, ISO 8601. */
  readonly time: string;
  /** Whether there is no problem. */
  readonly healthy: boolean;
  readonly api: {
    /** What kubectl uses. */
    readonly url: string;
    /** Server that has the virtual IP; undefined without one. */
    readonly virtualIpHolder?: string;
  };
  /** In the order of cluster.yaml. */
  readonly hosts: readonly HostStatus[];
  /** Errors first, each kind in the order of the hosts. */
  readonly problems: readonly Problem[];
  /** Steps that put right what differs from the last apply, as Terraform's addresses for `-replace`. */
  readonly repair: readonly string[];
}

/** Judges the answers of hosts. */
export function statusReport(
  topology: Topology,
  hosts: readonly HostStatus[],
  secrets: readonly SecretFinding[],
  now: Date,
): StatusReport {
  // For a host that nothing was applied to, this is the only problem.
  const applied = hosts.filter(({ failure, steps }) => failure !== undefined || steps.length > 0);
  const problems = [
    ...secrets.map(({ severity, message }): Problem => ({ severity, code: 'secrets', message })),
    ...hosts.flatMap((host) => [...hostProblems(host, now)]),
    ...roles.flatMap(({ status }) => [...(status?.problems?.(topology, applied, now) ?? [])]),
  ];
  const holder = hosts.find(({ loadBalancer }) => loadBalancer?.holdsVirtualIp)?.name;
  return {
    cluster: topology.name,
    time: now.toISOString(),
    healthy: problems.length === 0,
    api: { url: topology.api.url, ...(holder !== undefined && { virtualIpHolder: holder }) },
    hosts,
    problems: [
      ...problems.filter(({ severity }) => severity === 'error'),
      ...problems.filter(({ severity }) => severity === 'warning'),
    ],
    repair: applied.flatMap((host) =>
      stepsToRepeat(host, now).map((step) => stepAddress(topology.provisioner, host, step)),
    ),
  };
}

/** What a report says of some of its hosts. */
export function reportOf(report: StatusReport, names: ReadonlySet<string>): StatusReport {
  const problems = report.problems.filter(({ host }) => host !== undefined && names.has(host));
  return {
    ...report,
    healthy: problems.length === 0,
    hosts: report.hosts.filter(({ name }) => names.has(name)),
    problems,
    repair: report.repair.filter((address) => names.has(stepAt(address)?.host ?? '')),
  };
}

function* hostProblems(host: HostStatus, now: Date): Iterable<Problem> {
  if (host.failure !== undefined || !host.machine) {
    const code = host.reachable ? 'host-not-asked' : 'host-unreachable';
    yield { severity: 'error', code, host: host.name, message: host.failure ?? 'says nothing' };
    return;
  }
  yield* machineProblems(host.name, host.machine);
  yield* stepProblems(host);
  yield* certificateProblems(host, now);
}

/**
 * Steps whose files or units are not as they left them, that did not finish, or that renew certificates, except running
 * ones. Terraform repeats an unfinished one by itself, unless it ran from another state.
 */
function stepsToRepeat(host: HostStatus, now: Date): string[] {
  const { drift, units, steps } = host;
  const inState = (wanted: string) => steps.flatMap(({ name, state }) => (state === wanted ? [name] : []));
  const running = inState('running');
  const down = units.filter(({ active, enabled }) => active !== 'active' || enabled === 'disabled');
  const names = [
    ...inState('unfinished'),
    ...drift.map(({ step }) => step),
    ...down.flatMap(({ step }) => step ?? []),
    ...roles.flatMap(({ status }) => status?.repeat?.(host, now) ?? []),
  ];
  return [...new Set(names)].filter((name) => !running.includes(name)).sort();
}
