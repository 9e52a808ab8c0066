import type { Topology } from '../../model/topology';

/** How the components of Kubernetes elect the one of several servers that works. */
export interface LeaderElection {
  /** Arguments of each component. */
  readonly args: readonly string[];
  /** For k3s's own controllers, which read only the environment, and always elect. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A component that cannot renew its lease within `renew` seconds exits, and k3s with it; another server's takes over
 * after `lease` seconds. Every `retry` seconds it is renewed, which the database has to flush to its disk. By default
 * that is every two seconds for each of four leases: most of what a cluster at rest writes.
 */
function leases(lease: number, renew: number, retry: number): readonly string[] {
  return [
    `leader-elect-lease-duration=${lease}s`,
    `leader-elect-renew-deadline=${renew}s`,
    `leader-elect-retry-period=${retry}s`,
  ];
}

/** Of k3s's own controllers, whose leases are 45 s, to be renewed within 30 (wrangler `leader.go`). */
const own = { CATTLE_ELECTION_RETRY_PERIOD: '10s' };
const ownLong = { ...own, CATTLE_ELECTION_LEASE_DURATION: '60s', CATTLE_ELECTION_RENEW_DEADLINE: '50s' };

/**
 * A single server has no other to take over: it would only restart, and then wait for its own old lease. With SQLite,
 * k3s also does without election. Another database host takes longer than the usual 10 s to become the primary; the
 * price of long leases is that the components of a lost server are taken over only after a minute.
 */
export function leaderElection({ database, servers }: Topology): LeaderElection {
  if (servers.length === 1) return { args: ['leader-elect=false'], environment: ownLong };
  if (database.addresses.length > 1) return { args: leases(60, 50, 5), environment: ownLong };
  return { args: leases(20, 15, 5), environment: own };
}
