import { databaseServiceUser } from '../../model/database';
import { etcdFolder } from '../../model/database-cluster';
import { type Answer, text, word } from '../../status/answer';
import { bytes } from '../../status/figures';
import type { RoleStatus } from '../role-status';
import probe from './probe-database-cluster.sh';
import { databaseClusterProblems } from './problems';

export interface DatabaseMemberStatus {
  readonly name: string;
  /** In Patroni's terms: `leader`, `sync_standby`, `replica`. */
  readonly role: string;
  /** In Patroni's terms: `running`, `streaming`, `starting`, `stopped`, … */
  readonly state: string;
  /** Bytes behind the primary; undefined when that is not known. */
  readonly lag?: number;
}

export interface EtcdStatus {
  /** State of its unit: `active`, `inactive` when its data is gone, … */
  readonly unit: string;
  /** Whether it takes part in a majority. */
  readonly healthy: boolean;
}

/** etcd on its hosts, and the database hosts as Patroni sees them, from the database's probe. */
export const databaseClusterStatus: RoleStatus = {
  probe: {
    script: probe,
    calls: ['etcd', 'members'],
    inputs: ({ quorum, database: { cluster, dataDir } }, host) => ({
      ETCD_DIR: quorum.includes(host) ? etcdFolder : '',
      PATRONI_DIR: host.roles.includes('database') ? dataDir : '',
      PATRONI_USER: databaseServiceUser,
      ETCD_PORT: String(cluster?.etcd.clientPort ?? ''),
    }),
  },
  read: (answer) => (answer.first('etcd') ? { etcd: readEtcd(answer) } : {}),
  problems: databaseClusterProblems,
  // Its unit belongs to another systemd instance, which the record does not cover.
  repeat: ({ etcd }) => (etcd && etcd.unit !== 'active' ? ['etcd'] : []),
  *rows(_, hosts) {
    const members = hosts.find(({ database }) => database?.members)?.database?.members;
    if (members)
      yield [
        'primary',
        members
          .map(({ name, role, state, lag = 0 }) =>
            role === 'leader'
              ? `${name} (${state})`
              : `${role === 'sync_standby' ? 'standby' : 'late standby'} ${name} (${state}, ${bytes(lag)} behind)`,
          )
          .join(', '),
      ];
    const etcd = hosts.flatMap((host) =>
      host.etcd ? [`${host.name} ${host.etcd.healthy ? 'ok' : host.etcd.unit}`] : [],
    );
    if (etcd.length > 0) yield ['etcd', etcd.join(', ')];
  },
};

function readEtcd(answer: Answer): EtcdStatus {
  const [unit = 'unknown', healthy] = answer.first('etcd') ?? [];
  return { unit: text(unit), healthy: healthy === 'yes' };
}

/** Undefined for a single database, which has none. */
export function readMembers(answer: Answer): DatabaseMemberStatus[] | undefined {
  const found = answer.all('member');
  if (found.length === 0) return undefined;
  return found.map(([name, role, state, lag = '']) => ({
    name: word(name, 'a host name'),
    role: text(role),
    state: text(state),
    ...(/^\d{1,18}$/.test(lag) && { lag: Number(lag) }),
  }));
}
