import type { Topology } from '../../model/topology';

/** How the components of Kubernetes agree on who of several servers works. */
export interface LeaderElection {
  /** Of each component. */
  readonly args: readonly string[];
  /** For the controllers of k3s itself, which know the environment only, and always elect. */
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
 * One that cannot renew its lease in time ends, and k3s with it; by default after 10 s. A single server has nobody to hand
 * over to: it would only start again, and then wait for its own old lease. k3s does without election there too, when its
 * datastore is SQLite. Another database host takes longer than 10 s to become the primary; the price of long leases is that
 * the components of a server that is lost are taken over after a minute.
 */
export function leaderElection({ databases, servers }: Topology): LeaderElection {
  if (servers.length === 1) return { args: ['leader-elect=false'], environment: longLeases.environment };
  return databases.length > 1 ? longLeases : { args: [], environment: {} };
}
