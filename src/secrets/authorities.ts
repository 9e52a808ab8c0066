import { databaseCa, databaseClusterCa } from '../model/secrets';
import type { Topology } from '../model/topology';
import type { AuthorityKind } from './authority';
import { databaseClusterLeaves, databaseLeaves, type Leaf } from './leaves';

/** A CA of a cluster, and what it issues. */
export interface ClusterAuthority {
  readonly kind: AuthorityKind;
  readonly leaves: readonly Leaf[];
}

const database: AuthorityKind = {
  ...databaseCa,
  commonName: 'database CA',
  cutsOff: 'k3s is cut off from the database',
};

const databaseCluster: AuthorityKind = {
  ...databaseClusterCa,
  commonName: 'database cluster CA',
  cutsOff: 'database hosts are cut off from each other and from etcd, and no API answers,',
};

/** The CAs of a cluster. Two of them, so that a certificate for Postgres opens neither etcd nor Patroni. */
export function clusterAuthorities(topology: Topology): ClusterAuthority[] {
  return [
    ...(topology.database.external ? [] : [{ kind: database, leaves: databaseLeaves(topology) }]),
    ...(topology.database.cluster
      ? [{ kind: databaseCluster, leaves: databaseClusterLeaves(topology) }]
      : []),
  ];
}
