import type { Topology } from '../../model/topology';
import { nfsClientPackages } from '../nfs-client/nfs-client';
import type { Packages, Role } from '../role';
import purge from './purge-backups.sh';
import { backupStatus } from './status';

/** What backups are written to an export with. */
export function backupPackages({ database: { backup } }: Topology): Packages {
  return backup.nfs === undefined ? { apt: [], dnf: [] } : nfsClientPackages;
}

/** Backups of the database, on its hosts. */
export const backup: Role = {
  name: 'backup',
  isOn: (host) => host.roles.includes('database'),
  packages: backupPackages,
  data: {
    script: purge,
    call: 'purge_backups',
    on: ({ database: { backup } }) =>
      // On another machine's export they are that machine's.
      backup.nfs === undefined
        ? { what: [`${backup.path}: the backups`], stays: [], inputs: { BACKUP_DIR: backup.path } }
        : undefined,
  },
  status: backupStatus,
};
