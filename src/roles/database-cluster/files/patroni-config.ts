import { databaseServiceUser } from '../../../model/database';
import type { Database, DatabaseCluster, Host, Topology } from '../../../model/topology';
import { urlHost } from '../../../net/address';
import { sslSettings } from '../../database/files/postgresql-conf';
import { patroniConfigFolder as folder, patroniDataFolder } from './patroni-container';

/** Roles of Postgres that database hosts use among each other. */
export const replicationRole = 'replicator';
export const rewindRole = 'rewind';

const member = { cert: `${folder}/member.crt`, key: `${folder}/member.key`, ca: `${folder}/ca.crt` };

/** Patroni's own configuration on one host. JSON is YAML, and the guard reads it too. */
export function patroniConfig(host: Host, topology: Topology, cluster: DatabaseCluster): string {
  const { database, databases, quorum } = topology;
  const address = addressOf(host);
  const ssl = { sslmode: 'verify-full', sslcert: member.cert, sslkey: member.key, sslrootcert: member.ca };
  return json({
    scope: 'k3s',
    namespace: '/k3s-cdk/',
    name: host.name,
    restapi: {
      listen: `${address}:${cluster.restPort}`,
      connect_address: `${address}:${cluster.restPort}`,
      certfile: member.cert,
      keyfile: member.key,
      cafile: member.ca,
      verify_client: 'required',
      // Who may have it do something; others of our CA may ask.
      allowlist: databases.map(bareAddress),
    },
    ctl: { certfile: member.cert, keyfile: member.key, cacert: member.ca },
    etcd3: {
      hosts: etcdMembers(quorum, cluster),
      protocol: 'https',
      cacert: member.ca,
      cert: member.cert,
      key: member.key,
    },
    // No section 'bootstrap': only the first step on the first host makes an empty database.
    postgresql: {
      listen: `*:${database.port}`,
      connect_address: `${address}:${database.port}`,
      data_dir: `${patroniDataFolder}/data`,
      pgpass: '/tmp/pgpass',
      use_unix_socket: true,
      use_unix_socket_repl: true,
      authentication: {
        superuser: { username: 'postgres' },
        replication: { username: replicationRole, ...ssl },
        rewind: { username: rewindRole, ...ssl },
      },
      parameters: { ...sslSettings(folder), unix_socket_directories: '/tmp' },
      pg_hba: accessRules(database),
      pg_ident: identities(databases),
      pre_promote: `/usr/bin/python3 ${folder}/guard.py may-promote`,
      // Without it a copy waits for the primary's next checkpoint, which may take minutes.
      basebackup: [{ checkpoint: 'fast' }],
      remove_data_directory_on_rewind_failure: true,
      remove_data_directory_on_diverged_timelines: true,
    },
    watchdog: { mode: 'off' },
  });
}

/** What is the same for all hosts and kept in etcd. */
export function patroniDynamicConfig({ settings }: Pick<Database, 'settings'>): string {
  const { listen_addresses: _, port: __, ...parameters } = settings;
  return json({
    // How long a primary that is silent stays the primary: Patroni's least.
    ttl: 20,
    // How soon it sees that a standby is gone, and lets commits go on without it. etcd is in memory: it may be asked often.
    loop_wait: 1,
    retry_timeout: 5,
    // A Postgres that crashed is replaced by the standby, not waited for.
    primary_start_timeout: 0,
    primary_stop_timeout: 30,
    check_timeline: true,
    maximum_lag_on_failover: 1048576,
    synchronous_mode: true,
    synchronous_mode_strict: false,
    // Without etcd the primary goes on as long as all other database hosts hear from it.
    failsafe_mode: true,
    postgresql: { use_pg_rewind: true, use_slots: true, parameters },
  });
}

/** What the guard asks before it lets this host become the primary: the other database hosts. */
export function guardConfig(host: Host, { databases }: Topology, { restPort }: DatabaseCluster): string {
  const others = databases.filter((other) => other !== host);
  return json({
    others: Object.fromEntries(others.map((other) => [other.name, `${addressOf(other)}:${restPort}`])),
  });
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
