import type { Topology } from '../../model/topology';
import type { HostStatus } from '../../status/host-status';
import type { Problem } from '../../status/problem';

/** What is wrong with several database hosts together, and with etcd. */
export function* databaseClusterProblems(
  { databases, quorum, database }: Topology,
  hosts: readonly HostStatus[],
): Iterable<Problem> {
  if (!database.cluster) return;
  const members = hosts.find((host) => host.database?.members)?.database?.members;
  if (members && !members.some(({ role, state }) => role === 'leader' && state === 'running'))
    yield {
      severity: 'error',
      code: 'database-no-primary',
      message:
        "no database host is the primary, so the API of k3s does not work: see 'journalctl CONTAINER_NAME=k3s-postgres' on all of them; a host that lacks what the last primary had waits for it (docs/how-to/database.md)",
    };
  else if (members && !members.some(({ role }) => role === 'sync_standby'))
    yield {
      severity: 'warning',
      code: 'database-alone',
      message: `${members.find(({ role }) => role === 'leader')?.name} has no synchronous standby: if it is lost now, the cluster waits for it`,
    };
  for (const { name } of databases) {
    const member = members?.find((other) => other.name === name);
    if (members && !/^(running|streaming)$/.test(member?.state ?? 'missing'))
      yield {
        severity: 'error',
        code: 'database-member',
        host: name,
        message: `takes no part as a database host (${member?.state ?? 'it is missing'}): see 'journalctl CONTAINER_NAME=k3s-postgres' on it`,
      };
  }
  const asked = hosts.filter(({ etcd }) => etcd);
  const healthy = asked.filter(({ etcd }) => etcd?.healthy).length;
  const enough = quorum.length / 2;
  const outcome =
    healthy > enough
      ? ', one more may not be lost'
      : healthy + quorum.length - asked.length > enough
        ? ': whether there is a majority is not known, since the others could not be asked'
        : ': without a majority no standby takes over';
  for (const { name, etcd } of asked) {
    if (etcd?.healthy) continue;
    yield {
      severity: healthy > enough ? 'warning' : 'error',
      code: 'etcd-down',
      host: name,
      message: `has an etcd that takes no part (${etcd?.unit})${outcome}; see 'journalctl CONTAINER_NAME=k3s-etcd' on it${etcd?.unit === 'inactive' ? ', and repeat its step if the disk of its data is new or empty: that makes it a new member' : ''}`,
    };
  }
}
