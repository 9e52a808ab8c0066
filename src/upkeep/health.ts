import type { Host, Topology } from '../model/topology';
import { type AskHostsOptions, askHosts } from '../status/ask-hosts';
import type { Problem } from '../status/problem';
import { statusReport } from '../status/status-report';

/** Warnings that say that the loss of one more host is an outage: the reboot of another one is that loss. */
const noSpare: readonly string[] = ['database-alone', 'etcd-down'];

export interface Finding {
  /** Hosts that take no connection. */
  readonly off: ReadonlySet<string>;
  /** Why no other host may go down now. */
  readonly problems: readonly Problem[];
  /** The primary of several database hosts, if it is known. */
  readonly primary?: string;
}

/**
 * What the probes of `status` find on some hosts, and whether another one may go down. What is said of a host that was
 * off before does not count, unless its absence makes every other host of the database indispensable.
 *
 * @param known hosts that were off before
 */
export async function health(
  topology: Topology,
  hosts: readonly Host[],
  options: Omit<AskHostsOptions, 'hosts'>,
  known: ReadonlySet<string> = new Set(),
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
