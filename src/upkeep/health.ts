import type { Host, Topology } from '../model/topology';
import { type AskHostsOptions, askHosts } from '../status/ask-hosts';
import type { Problem } from '../status/problem';
import { statusReport } from '../status/status-report';

/** Warnings that say that the loss of one more host of the database is an outage. */
const noSpare: readonly string[] = ['database-alone', 'etcd-down'];

/** Whether the database depends on a host. */
export function decides(host: Host, { quorum }: Pick<Topology, 'quorum'>): boolean {
  return quorum.includes(host) || host.roles.includes('database');
}

/** Those of some problems that speak against taking down other hosts than those of the database. */
export function besideDatabase(problems: readonly Problem[]): Problem[] {
  return problems.filter(({ code }) => !noSpare.includes(code));
}

export interface Finding {
  /** Hosts that take no connection. */
  readonly off: ReadonlySet<string>;
  /** Why no other host may go down now. */
  readonly problems: readonly Problem[];
  /** The primary of several database hosts, if it is known. */
  readonly primary?: string;
}

export interface HealthOptions extends Omit<AskHostsOptions, 'hosts'> {
  /** Hosts of which nothing counts: off before, or on their way. @default - none */
  readonly known?: ReadonlySet<string>;
}

/** What the probes of `status` find on some hosts that speaks against taking another one down. */
export async function health(
  topology: Topology,
  hosts: readonly Host[],
  { known = new Set(), ...options }: HealthOptions,
): Promise<Finding> {
  const answers = await askHosts(topology, { ...options, hosts });
  const off = new Set([...known, ...answers.filter(({ reachable }) => !reachable).map(({ name }) => name)]);
  const { problems } = statusReport(topology, answers, [], new Date(options.now()));
  const members = answers.find(({ database }) => database?.members?.length)?.database?.members;
  const primary = members?.find(({ role }) => role === 'leader')?.name;
  return {
    off,
    problems: problems.filter(
      ({ severity, code, host }) =>
        (severity === 'error' || noSpare.includes(code)) && !(host !== undefined && off.has(host)),
    ),
    ...(primary !== undefined && { primary }),
  };
}

/** Hosts whose answers say whether the cluster is well: agents are known to servers. */
export function witnesses({ hosts, nfs, quorum }: Topology, beside: Host): Host[] {
  return hosts.filter(
    (host) =>
      host === beside ||
      host.kind === 'server' ||
      host.roles.includes('database') ||
      host === nfs?.host ||
      quorum.includes(host),
  );
}
