import { etcdFolder } from '../../model/database-cluster';
import { etcdSecrets, patroniSecrets, replicationSecrets } from '../../model/secrets';
import type { Topology } from '../../model/topology';
import { placedClusterPair, placedPair } from '../placed-secret';
import type { Packages, Role } from '../role';
import { databaseClusterStatus } from './status';

/** The policy for containers, and `semanage`, which applies it to storage outside /home. */
export const rootlessSelinux = ['container-selinux', 'policycoreutils-python-utils'];

/** etcd in a container, and the programs that query it and its certificates. */
export const etcdPackages: Packages = {
  apt: ['podman', 'uidmap', 'dbus-user-session', 'curl', 'openssl'],
  dnf: ['podman', 'shadow-utils', 'openssl'],
  selinux: rootlessSelinux,
};

/** The diagram's label for several database hosts. Undefined for a single one. */
export function replication({ database: { cluster }, quorum }: Topology) {
  if (!cluster) return undefined;
  const { restPort, etcd } = cluster;
  const ports = `etcd :${etcd.clientPort} :${etcd.peerPort} on`;
  return {
    notes: [`Patroni :${restPort}, decided by ${ports} ${quorum.length} hosts`],
    between: `Patroni :${restPort}, ${ports} ${quorum.map(({ name }) => name).join(' ')}`,
  };
}

/** Several database hosts: Patroni on each of them, and etcd on three hosts, which decides. */
export const databaseCluster: Role = {
  name: 'database-cluster',
  isOn: (host, { database: { cluster }, quorum }) =>
    cluster !== undefined && (host.roles.includes('database') || quorum.includes(host)),
  traffic: ({ database: { cluster }, quorum }, host) => {
    if (!cluster) return [];
    const rule = { protocol: 'tcp', from: 'datastore', closedToPods: true } as const;
    const { clientPort, peerPort } = cluster.etcd;
    return [
      ...(host.roles.includes('database')
        ? [{ ...rule, ports: [cluster.restPort], on: 'database', programs: 'patroni,python3' }]
        : []),
      ...(quorum.includes(host)
        ? [{ ...rule, ports: [clientPort, peerPort], on: 'etcd', programs: 'etcd' }]
        : []),
    ];
  },
  programs: ({ database: { cluster }, quorum }, host) =>
    cluster && quorum.includes(host) ? [`etcd :${cluster.etcd.clientPort} :${cluster.etcd.peerPort}`] : [],
  containers: true,
  packages: ({ quorum }, host) => (quorum.includes(host) ? etcdPackages : { apt: [], dnf: [] }),
  // On others it is removed after the database hosts know about it, by the step of Postgres or k3s.
  uninstallers: ({ kind, roles }) => (kind === 'none' && !roles.includes('database') ? ['42-etcd'] : []),
  secrets: ({ database: { dataDir }, quorum }, host) => [
    ...(host.roles.includes('database')
      ? [
          ...placedPair(`${dataDir}/config`, 'replication', replicationSecrets(host)),
          ...placedClusterPair(`${dataDir}/config`, 'patroni', patroniSecrets(host)),
        ]
      : []),
    ...(quorum.includes(host) ? placedClusterPair(`${etcdFolder}/config`, 'etcd', etcdSecrets(host)) : []),
  ],
  effects: () => [
    {
      ...{ step: 'database', of: ['k3s-postgres.container', 'Containerfile'], care: true },
      does: 'Postgres restarts, one database host at a time; the primary hands over first',
      outage: 'planned switchover',
    },
    {
      ...{ step: 'database', of: ['patroni-dynamic.yml'], unless: ['k3s-postgres.container'] },
      does: 'Patroni applies the settings; for those that need it, Postgres restarts, one database host at a time, and the primary hands over first',
      outage: 'planned switchover',
    },
    {
      step: 'database',
      of: ['patroni.yml', 'pg_hba.conf', 'server.crt', 'replication.crt', 'patroni.crt', 'cluster-ca.crt'],
      unless: ['k3s-postgres.container', 'Containerfile'],
      called: 'patroni.yml, pg_hba.conf or certificates',
      does: 'Patroni and Postgres read their configuration again; nothing restarts',
    },
    {
      ...{ step: 'etcd', of: ['k3s-etcd.container', 'etcd.crt', 'cluster-ca.crt'] },
      called: 'k3s-etcd.container or certificates',
      does: 'etcd restarts, one host at a time',
      outage: 'one etcd host down (one server); two for a minute; both back',
    },
  ],
  status: databaseClusterStatus,
};
