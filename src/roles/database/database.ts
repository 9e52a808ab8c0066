import { databaseServiceUser } from '../../model/database';
import { databaseSecrets } from '../../model/secrets';
import { replication, rootlessSelinux } from '../database-cluster/database-cluster';
import { placedPair } from '../placed-secret';
import type { Packages, Role } from '../role';
import purge from './purge-database.sh';
import { databaseStatus } from './status';

export const databasePackages: Packages = {
  apt: ['podman', 'uidmap', 'dbus-user-session'],
  dnf: ['podman', 'shadow-utils', 'tar'],
  selinux: rootlessSelinux,
};

/** Postgres, the datastore of k3s. */
export const database: Role = {
  name: 'database',
  isOn: (host) => host.roles.includes('database'),
  traffic: ({ database: { cluster, port }, openToPods }) => {
    const postgres = { protocol: 'tcp', ports: [port], on: 'database' } as const;
    return [
      {
        ...postgres,
        from: cluster ? 'datastore' : 'servers',
        programs: 'postgres',
        closedToPods: !openToPods.database,
      },
      // Pods connect with the address of their node.
      ...(openToPods.database ? [{ ...postgres, from: 'nodes', closedToPods: false } as const] : []),
    ];
  },
  services: (topology) => {
    const { databases, nfs, database } = topology;
    const together = replication(topology);
    // A host that is also the NFS server comes last, beside its NFS.
    const ordered = [...databases].sort((a, b) => Number(a === nfs?.host) - Number(b === nfs?.host));
    return ordered.map((host) => ({
      ...{ name: 'Postgres', host, address: host.nodeIps[0] ?? host.address, port: database.port },
      ...{ from: 'servers', by: 'TLS, client certificate' },
      notes: ['in a rootless container', database.dataDir, ...(together?.notes ?? [])],
      ...(together && { withFirst: `:${database.port}, ${together.between}` }),
    }));
  },
  packages: () => databasePackages,
  containers: true,
  // Backups before what they are of; a server may make those of an external one.
  uninstallers: (host, { backupHosts }) => [
    ...(backupHosts.includes(host) ? [] : ['45-database-backup']),
    '40-database',
  ],
  data: {
    script: purge,
    call: 'purge_database',
    on: ({ database: { dataDir } }) => ({
      what: [`${dataDir}: the database, all objects of the cluster`],
      stays: [],
      inputs: { DATA_DIR: dataDir, SERVICE_USER: databaseServiceUser },
    }),
  },
  secrets: ({ database: { dataDir } }, host) =>
    placedPair(`${dataDir}/config`, 'server', databaseSecrets(host)),
  effects: ({ database: { cluster } }) =>
    cluster
      ? []
      : [
          {
            ...{ step: 'database', of: ['IMAGE'], care: true },
            does: 'Postgres restarts with another image; the API does not answer meanwhile',
            outage: 'a newer image of the same Postgres version',
          },
          {
            ...{ step: 'database', of: ['restart'], unless: ['IMAGE'], care: true },
            called: 'k3s-postgres.container, or of settings that Postgres reads at its start only',
            does: 'Postgres restarts; the API does not answer meanwhile',
            outage: 'a newer image of the same Postgres version',
          },
          {
            ...{ step: 'database', of: ['reload', 'ca.crt', 'server.crt'], unless: ['restart', 'IMAGE'] },
            called: 'other settings, pg_hba.conf, pg_ident.conf or certificates',
            does: 'Postgres reads its configuration again; nothing restarts',
          },
        ],
  status: databaseStatus,
};
