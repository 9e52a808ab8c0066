import type { Config } from '../config/config';
import { etcdPorts, patroniPort } from '../roles/database-cluster/ports';
import type { DatabaseCluster, Host, Topology } from './topology';

/**
 * Members of etcd: two of three are a majority, so one may be lost. More would be more work and no safer for
 * two databases.
 */
export const quorumSize = 3;

/** Certificates and images of etcd on its hosts, and the data of the one that is not a database host. */
export const etcdFolder = '/var/lib/k3s-etcd';

/** System user that etcd runs as on its hosts. */
export const quorumServiceUser = 'k3s-etcd';

/** Settings of Postgres that replication needs; they can be set in cluster.yaml like others. */
export const replicated: Readonly<Record<string, string | number>> = {
  // A standby that lost power does not delay commits for longer. Measured by the kernel, so that a busy disk
  // does not count. k3s's role has a longer one.
  tcp_user_timeout: 500,
  // For a standby that is alive but hangs, and a primary that sends nothing to a standby.
  wal_sender_timeout: '5s',
  wal_receiver_timeout: '5s',
  wal_retrieve_retry_interval: '1s',
  // What a standby that was away can catch up on, instead of a full copy; more would fill the disk.
  wal_keep_size: '512MB',
  max_slot_wal_keep_size: '2GB',
};

/** Several database hosts: images and ports. */
export function databaseCluster({ database: { image, patroni, etcd } }: Config): DatabaseCluster {
  return {
    image: patroni.image ?? builtImage(image),
    built: patroni.image === undefined,
    restPort: patroniPort,
    etcd: { image: etcd.image, clientPort: etcdPorts.client, peerPort: etcdPorts.peer },
  };
}

/** The name of the image that hosts build from a base: another base gives another name. */
function builtImage(base: string): string {
  const tag = base.replace(/^.*?\//, '').replace(/[^\w.-]+/g, '-');
  return `localhost/k3s-cdk/patroni:${tag}`;
}

/**
 * The etcd hosts: database hosts, whose disks are suited to it, and servers if those are fewer than three.
 * None for a single database.
 */
export function quorum(servers: readonly Host[], databases: readonly Host[]): Host[] {
  return databases.length > 1 ? [...new Set([...databases, ...servers])].slice(0, quorumSize) : [];
}

/** Where etcd keeps its data on a host: on the disk of the database, if there is one. */
export function etcdDataFolder(host: Host, { databases, database }: Topology): string {
  return databases.includes(host) ? `${database.dataDir}/etcd` : `${etcdFolder}/data`;
}
