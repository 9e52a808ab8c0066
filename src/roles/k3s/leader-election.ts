import type { Topology } from '../../model/topology';

/** How the components of Kubernetes elect the one of several servers that works. */
export interface LeaderElection {
  /** Arguments of each component. */
  readonly args: readonly string[];
  /** For k3s's own controllers, which read only the environment, and always elect. */
  readonly environment: Readonly<Record<string, string>>;
}

const longLeases: LeaderElection = {
  args: [
    'leader-elect-lease-duration=60s',
    'leader-elect-renew-deadline=50s',
    'leader-elect-retry-period=5s',
  ],
  environment: { CATTLE_ELECTION_LEASE_DURATION: '60s', CATTLE_ELECTION_RENEW_DEADLINE: '50s' },
};

/**
 * A component that cannot renew its lease in time exits, and k3s with it; by default after 10 s. A single
 * server has no other to take over: it would only restart, and then wait for its own old lease. With SQLite,
 * k3s also does without election. Another database host takes longer than 10 s to become the primary; the
 * price of long leases is that the components of a lost server are taken over only after a minute.
 */
export function leaderElection({ database, servers }: Topology): LeaderElection {
  if (servers.length === 1) return { args: ['leader-elect=false'], environment: longLeases.environment };
  return database.addresses.length > 1 ? longLeases : { args: [], environment: {} };
}
