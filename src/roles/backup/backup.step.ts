import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { databaseServiceUser } from '../../model/database';
import { clientVariables } from '../../model/external-database';
import { drillDays, offsiteFiles } from '../../model/offsite';
import { proxyEnv } from '../../model/proxy-env';
import { backupSecrets } from '../../model/secrets';
import type { Host, Topology } from '../../model/topology';
import { knownTokensEnv } from '../lib/known-tokens';
import { packagesEnv } from '../lib/packages-env';
import { libraryNames, stepScripts } from '../lib/step-scripts';
import { saltedTrigger } from '../salted-trigger';
import { backupPackages } from './backup';
import run from './database-backup.sh';
import drill from './drill.sh';
import { backupService, backupTimer, drillService } from './files/backup-units';
import makeBackup from './make-backup.sh';
import offsiteBackup from './offsite-backup.sh';
import restoreBackup from './restore-backup.sh';
import uninstall from './uninstall-backup.sh';

export interface DatabaseBackupProps {
  readonly host: Host;
  readonly topology: Topology;
  /** The database runs. */
  readonly dependsOn: readonly RemoteStep[];
}

/** Where a dump is until its backup is complete, if no disk is there for the database. */
const workFolder = '/var/lib/k3s-cdk/backup';

/** Backups of the database with the k3s token, on schedule and on demand, and their restore. */
export class DatabaseBackup extends Construct {
  constructor(scope: Construct, id: string, { host, topology, dependsOn }: DatabaseBackupProps) {
    super(scope, id);
    const { database, name, provisioner, proxy } = topology;
    const { backup } = database;
    const { folder, hashed } = backupSecrets(host, backup);
    const { offsite } = backup;
    const files = offsiteFiles(backup);
    new RemoteStep(this, 'database-backup', {
      host,
      provisioner,
      files: {
        ...stepScripts({
          'make-backup.sh': makeBackup,
          'restore-backup.sh': restoreBackup,
          'offsite-backup.sh': offsiteBackup,
          'drill.sh': drill,
          'uninstall-backup.sh': uninstall,
          'run.sh': run,
        }),
        'k3s-cdk-backup.service': backupService,
        'k3s-cdk-backup.timer': backupTimer(backup.schedule),
        'k3s-cdk-drill.service': drillService,
      },
      env: {
        CLUSTER: name,
        ...(database.external
          ? { DATA_DIR: workFolder, ...clientVariables(database) }
          : { DATA_DIR: database.dataDir, SERVICE_USER: databaseServiceUser }),
        DATABASE: database.name,
        ENABLED: backup.enabled,
        SCHEDULE: backup.schedule,
        BACKUP_DIR: backup.path,
        LIBRARIES: libraryNames(makeBackup, restoreBackup, offsiteBackup, drill),
        NFS: backup.nfs ?? '',
        KEEP_LAST: backup.keep.last,
        KEEP_DAILY: backup.keep.daily,
        KEEP_WEEKLY: backup.keep.weekly,
        OFFSITE: offsite?.repository ?? '',
        ...(offsite && {
          OFFSITE_KEEP: Object.entries(offsite.keep)
            .flatMap(([what, count]) => (count > 0 ? `--keep-${what}=${count}` : []))
            .join(' '),
          PRUNE: offsite.prune,
        }),
        DRILL_DAYS: drillDays(topology),
        ...packagesEnv(backupPackages(topology)),
        ...proxyEnv(proxy),
      },
      lateEnv: knownTokensEnv,
      upload: {
        ...{ folder, hashed, remedy: `run 'k3s-cdk init'` },
        needed: files.flatMap(({ name, optional }) => (optional ? [] : name)),
      },
      triggers: Object.fromEntries(files.map(({ name }) => [name, saltedTrigger(folder, name)])),
      dependsOn,
    });
  }
}
