import { posix } from 'node:path';
import type { Config } from '../config/config';
import { urlHost } from '../net/address';
import { postgresPort as port } from '../roles/database/ports';
import { databaseCluster, replicated } from './database-cluster';
import { externalDatabase, failover, query } from './external-database';
import type { Backup, Database, Host } from './topology';

/** System user that Postgres runs as on its host. */
export const databaseServiceUser = 'k3s-postgres';

/**
 * Connections per k3s server. kine keeps 20 idle and opens without limit (kine `generic.go`), and a server that
 * restarts holds its old ones until TCP notices.
 */
const connectionsPerServer = 100;

/**
 * Up to this many servers can be added and removed without a restart of Postgres, which a change of the
 * number of connections needs.
 */
const usualServers = 3;

/** Where Postgres listens on a host, as `host:port`. */
function databaseAddress(host: Pick<Host, 'nodeIps' | 'address'>): string {
  return `${urlHost(host.nodeIps[0] ?? host.address)}:${port}`;
}

/** k3s's datastore: endpoint, and settings of Postgres on our hosts, sized for the number of servers. */
export function database(config: Config, hosts: readonly Host[], serverCount: number): Database {
  const { external } = config.database;
  return {
    image: config.database.image,
    dataDir: config.database.dataDir,
    ...(external ? externalDatabase(external) : ownDatabase(hosts)),
    settings: settings(config.database.settings, serverCount, hosts.length > 1 ? replicated : {}),
    backup: backup(config.database.backup),
    ...(hosts.length > 1 && { cluster: databaseCluster(config) }),
  };
}

function ownDatabase(hosts: readonly Host[]) {
  const addresses = hosts.map(databaseAddress);
  const [name, user] = ['k3s', 'k3s'];
  const parameters = addresses.length > 1 ? `?${query(failover)}` : '';
  return {
    name,
    user,
    port,
    addresses,
    endpoint: `postgres://${user}@${addresses.join(',')}/${name}${parameters}`,
  };
}

/**
 * Who makes backups: the hosts that have the data, or the first server, over the network. MySQL's owner has tools for
 * that.
 */
export function backupHosts(
  { database: { external } }: Config,
  databases: readonly Host[],
  servers: readonly Host[],
): readonly Host[] {
  if (!external) return databases;
  return external.engine === 'postgres' ? servers.slice(0, 1) : [];
}

function backup({ nfs, offsite, recipients, ...own }: Config['database']['backup']): Backup {
  return {
    ...own,
    ...(offsite && { offsite }),
    recipients: recipients.map(posix.normalize),
    ...(nfs && { nfs: `${urlHost(nfs.server)}:${nfs.path}` }),
  };
}

function settings(
  own: Config['database']['settings'],
  serverCount: number,
  replication: Readonly<Record<string, string | number>>,
): Database['settings'] {
  const derived: Record<string, string | number | boolean> = {
    listen_addresses: '*',
    port,
    // Backups and people need a few beside the servers.
    max_connections: connectionsPerServer * Math.max(serverCount, usualServers) + 20,
    // Small boards: 1 to 8 GB, shared with the NFS server's page cache.
    shared_buffers: '128MB',
    work_mem: '4MB',
    maintenance_work_mem: '64MB',
    // SSD: random reads cost little more than sequential ones (PostgreSQL manual, 19.7.2).
    random_page_cost: 1.1,
    effective_io_concurrency: 100,
    checkpoint_completion_target: 0.9,
    max_wal_size: '1GB',
    // After a checkpoint each page is written whole once more: with Postgres's five minutes, a cluster at rest writes a
    // fifth more (docs/measurements/datastore.md). What a crash then replays takes seconds, and is bounded by max_wal_size.
    checkpoint_timeout: '15min',
    // A server that lost power must not hold its connections for two hours.
    tcp_keepalives_idle: 15,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    // kine inserts a row per change and deletes old ones every five minutes, without VACUUM of its own. Its table is
    // all there is, so this is set for the server: two percent instead of Postgres's twenty.
    autovacuum_naptime: '20s',
    autovacuum_vacuum_scale_factor: 0.02,
    autovacuum_vacuum_insert_scale_factor: 0.02,
    autovacuum_analyze_scale_factor: 0.02,
    autovacuum_vacuum_cost_delay: '1ms',
  };
  const merged = { ...derived, ...replication, ...own };
  return Object.fromEntries(
    Object.keys(merged)
      .sort()
      .map((name) => [name, format(merged[name] ?? '')]),
  );
}

function format(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}
