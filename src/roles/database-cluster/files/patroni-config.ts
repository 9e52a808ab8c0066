import { databaseServiceUser } from '../../../model/database';
import type { Database, DatabaseCluster, Host, Topology } from '../../../model/topology';
import { urlHost } from '../../../net/address';
import { sslSettings } from '../../database/files/postgresql-conf';
import { patroniConfigFolder as folder, patroniDataFolder } from './patroni-container';

/** Roles of Postgres that database hosts use among each other. */
export const replicationRole = 'replicator';
export const rewindRole = 'rewind';

/** The standbys' certificate for the primary's Postgres, from the CA of the database. */
const replication = {
  sslmode: 'verify-full',
  sslcert: `${folder}/replication.crt`,
  sslkey: `${folder}/replication.key`,
  sslrootcert: `${folder}/ca.crt`,
};

/** Patroni's certificate for others and for etcd, from a CA that signs nothing for Postgres. */
const own = {
  cert: `${folder}/patroni.crt`,
  key: `${folder}/patroni.key`,
  ca: `${folder}/cluster-ca.crt`,
};

/** Patroni's own configuration on one host. JSON is YAML, and `patroni_rest.py` reads it too. */
export function patroniConfig(host: Host, topology: Topology, cluster: DatabaseCluster): string {
  const { database, databases, quorum } = topology;
  const address = addressOf(host);
  return json({
    scope: 'k3s',
    namespace: '/k3s-cdk/',
    name: host.name,
    restapi: {
      listen: `${address}:${cluster.restPort}`,
      connect_address: `${address}:${cluster.restPort}`,
      certfile: own.cert,
      keyfile: own.key,
      cafile: own.ca,
      verify_client: 'required',
      // Who may give it commands; hosts that only run etcd may only read.
      allowlist: databases.map(bareAddress),
    },
    ctl: { certfile: own.cert, keyfile: own.key, cacert: own.ca },
    etcd3: {
      // Its own member first, and only these: a lost one would delay requests.
      hosts: etcdMembers([...quorum].sort(first(host)), cluster),
      use_proxies: true,
      protocol: 'https',
      cacert: own.ca,
      cert: own.cert,
      key: own.key,
    },
    // No section 'bootstrap': only the first step on the first host creates an empty database.
    postgresql: {
      listen: `*:${database.port}`,
      connect_address: `${address}:${database.port}`,
      data_dir: `${patroniDataFolder}/data`,
      pgpass: '/tmp/pgpass',
      use_unix_socket: true,
      use_unix_socket_repl: true,
      authentication: {
        superuser: { username: 'postgres' },
        replication: { username: replicationRole, ...replication },
        rewind: { username: rewindRole, ...replication },
      },
      parameters: { ...sslSettings(folder), unix_socket_directories: '/tmp' },
      pg_hba: accessRules(database),
      pg_ident: identities(databases),
      // Without it a copy waits for the primary's next checkpoint, which may take minutes.
      basebackup: [{ checkpoint: 'fast' }],
      remove_data_directory_on_rewind_failure: true,
      remove_data_directory_on_diverged_timelines: true,
    },
    watchdog: { mode: 'off' },
  });
}

/** Settings that are the same for all hosts, kept in etcd. */
export function patroniDynamicConfig({ settings }: Pick<Database, 'settings'>): string {
  const { listen_addresses: _, port: __, ...parameters } = settings;
  return json({
    // How long a silent primary stays the primary: Patroni's minimum.
    ttl: 20,
    // How soon it notices that a standby is gone, and lets commits continue without it. Each loop costs a few
    // writes to etcd.
    loop_wait: 1,
    retry_timeout: 5,
    // A Postgres that crashed is replaced by the standby, not waited for.
    primary_start_timeout: 0,
    primary_stop_timeout: 30,
    check_timeline: true,
    maximum_lag_on_failover: 1048576,
    synchronous_mode: true,
    synchronous_mode_strict: false,
    // Without etcd the primary continues as long as all other database hosts can reach it.
    failsafe_mode: true,
    postgresql: { use_pg_rewind: true, use_slots: true, parameters },
  });
}

/** Where Patroni listens on the other database hosts: `address:port` each. */
export function otherPatronis(host: Host, { databases }: Topology, { restPort }: DatabaseCluster): string[] {
  return databases.filter((other) => other !== host).map((other) => `${addressOf(other)}:${restPort}`);
}

/** pg_hba.conf: k3s by its certificate, the other database hosts by theirs, the superuser from within the container. */
function accessRules({ name, user }: Database): string[] {
  return [
    'local all postgres peer map=superuser',
    `local replication ${replicationRole} peer map=superuser`,
    `hostssl ${name} ${user} all cert`,
    `hostssl postgres ${user} all cert`,
    `hostssl replication ${replicationRole} all cert map=members`,
    `hostssl postgres ${rewindRole} all cert map=members`,
  ];
}

function identities(databases: readonly Host[]): string[] {
  const local = [databaseServiceUser, 'postgres'].flatMap((system) =>
    ['postgres', replicationRole].map((role) => `superuser ${system} ${role}`),
  );
  const members = databases.flatMap(({ name }) =>
    [replicationRole, rewindRole].map((role) => `members ${name} ${role}`),
  );
  return [...local, ...members];
}

/** Where the members of etcd listen for clients: `address:port` each. */
export function etcdMembers(quorum: readonly Host[], { etcd }: DatabaseCluster): string[] {
  return quorum.map((host) => `${addressOf(host)}:${etcd.clientPort}`);
}

/** Order in which one host comes first. */
function first(host: Host): (a: Host, b: Host) => number {
  return (a, b) => Number(b === host) - Number(a === host);
}

/** As it stands before a colon and a port. */
export function addressOf(host: Host): string {
  return urlHost(bareAddress(host));
}

function bareAddress({ nodeIps, address }: Host): string {
  return nodeIps[0] ?? address;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
