import { figure } from '../../status/answer';
import { count } from '../../status/figures';
import type { RoleStatus } from '../role-status';
import probe from './probe-nfs.sh';

export interface NfsStatus {
  /** How many clients the directory is exported to; 0 when it is not. */
  readonly clients: number;
}

/** Whether the volumes are served. */
export const nfsStatus: RoleStatus = {
  units: () => ['nfs-server.service'],
  folders: ({ nfs }) => (nfs ? [nfs.path] : []),
  probe: {
    script: probe,
    calls: ['exports'],
    inputs: ({ nfs }) => ({ EXPORT_PATH: nfs?.path ?? '' }),
  },
  read: (answer, { roles }) =>
    roles.includes('nfs')
      ? { nfs: { clients: figure(answer.first('export')?.[0] || '0', 'the number of exports') } }
      : {},
  *problems({ nfs, nodes }, hosts) {
    for (const host of hosts)
      if (host.nfs?.clients === 0 && nodes.length > 0)
        yield {
          severity: 'error',
          code: 'nfs-not-exported',
          host: host.name,
          message: `does not export '${nfs?.path}': see 'exportfs -v' and 'journalctl -u nfs-server' on it`,
        };
  },
  *rows(topology, hosts) {
    for (const { name, nfs } of hosts)
      if (nfs) yield ['nfs', `${name} ${topology.nfs?.path}, exported to ${count(nfs.clients, 'client')}`];
  },
};
