import { isOverSsh, offsiteFiles } from '../../model/offsite';
import { backupRecipient, tokenFile } from '../../model/secrets';
import type { Topology } from '../../model/topology';
import { nfsClientPackages } from '../nfs-client/nfs-client';
import { isCertificate, isText, isToken, placed } from '../placed-secret';
import type { Packages, Role } from '../role';
import purge from './purge-backups.sh';
import { backupStatus } from './status';

const tools = '/usr/local/libexec/k3s-cdk/database';

/** Packages for writing backups to an export, and elsewhere. */
export function backupPackages({ database: { backup } }: Topology): Packages {
  const { nfs, offsite } = backup;
  const sets: readonly Packages[] = [
    ...(nfs === undefined ? [] : [nfsClientPackages]),
    ...(offsite ? [{ apt: ['restic'], dnf: ['restic'] }] : []),
    ...(offsite && isOverSsh(offsite) ? [{ apt: ['openssh-client'], dnf: ['openssh-clients'] }] : []),
  ];
  return { apt: sets.flatMap(({ apt }) => apt), dnf: sets.flatMap(({ dnf }) => dnf) };
}

/** Backups of the database, on its hosts. */
export const backup: Role = {
  name: 'backup',
  isOn: (host, { backupHosts }) => backupHosts.includes(host),
  packages: backupPackages,
  data: {
    script: purge,
    call: 'purge_backups',
    on: ({ database: { backup } }) =>
      // On another machine's export they belong to that machine.
      backup.nfs === undefined
        ? { what: [`${backup.path}: the backups`], stays: [], inputs: { BACKUP_DIR: backup.path } }
        : undefined,
  },
  secrets: ({ database: { backup } }) => {
    const own = backup.recipients.indexOf(backupRecipient.certificate);
    return [
      placed(`${tools}/token`, tokenFile, isToken),
      ...(own < 0
        ? []
        : [placed(`${tools}/recipient-${own + 1}.crt`, backupRecipient.certificate, isCertificate)]),
      ...offsiteFiles(backup).map(({ name, original }) => placed(`${tools}/${name}`, original, isText)),
    ];
  },
  status: backupStatus,
};
