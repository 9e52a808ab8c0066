import type { Topology } from '../../model/topology';
import type { HostStatus } from '../../status/host-status';
import type { Problem } from '../../status/problem';
import type { DatabaseStatus } from './status';

/** Rows that have been overwritten but not cleaned up: more than live ones, and enough to matter. */
export const tooManyDeadRows = 100_000;

/** Of Postgres's connections; k3s opens as many as it wants. */
export const connectionsInUse = 0.8;

/** Problems of the database on each of its hosts. */
export function* databaseProblems({ databases }: Topology, hosts: readonly HostStatus[]): Iterable<Problem> {
  for (const { name, database } of hosts)
    if (database) yield* problemsOf(name, database, databases.length > 1);
}

function* problemsOf(host: string, status: DatabaseStatus, several: boolean): Iterable<Problem> {
  const { unit, postgres, error } = status;
  if (!postgres) {
    const state = unit === 'active' ? `does not answer (${error ?? 'it says nothing'})` : `is ${unit}`;
    yield {
      severity: 'error',
      code: 'database-down',
      host,
      message: `has a Postgres that ${state}${several ? '' : ', so the API of k3s does not work either'}: see 'journalctl CONTAINER_NAME=k3s-postgres' on it`,
    };
    return;
  }
  const { connections, maxConnections, kine } = postgres;
  if (connections > maxConnections * connectionsInUse)
    yield {
      severity: 'warning',
      code: 'database-connections',
      host,
      message: `has ${connections} of ${maxConnections} connections of Postgres in use: raise 'max_connections' under 'database.settings' in cluster.yaml`,
    };
  if (kine.deadRows > tooManyDeadRows && kine.deadRows > kine.rows)
    yield {
      severity: 'warning',
      code: 'database-bloat',
      host,
      message: `has ${kine.deadRows} dead rows beside ${kine.rows} live ones in table kine: autovacuum does not keep up; run 'VACUUM kine' in Postgres`,
    };
}
