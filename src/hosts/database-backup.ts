import { Construct } from 'constructs';
import { databaseServiceUser } from '../model/database';
import { backupSecrets } from '../model/secrets';
import type { Host, Topology } from '../model/topology';
import { backupService, backupTimer } from './files/backup-units';
import { knownTokensEnv } from './known-tokens';
import { backupPackages, packagesEnv } from './packages';
import { proxyEnv } from './proxy-env';
import { RemoteStep } from './remote-step';
import run from './scripts/database-backup.sh';
import backupFile from './scripts/lib-backup-file.sh';
import backupFolder from './scripts/lib-backup-folder.sh';
import databaseServiceUserLibrary from './scripts/lib-database-user.sh';
import folders from './scripts/lib-folders.sh';
import kine from './scripts/lib-kine.sh';
import packages from './scripts/lib-packages.sh';
import postgres from './scripts/lib-postgres.sh';
import systemd from './scripts/lib-systemd.sh';
import token from './scripts/lib-token.sh';
import makeBackup from './scripts/make-backup.sh';
import restoreBackup from './scripts/restore-backup.sh';
import uninstall from './scripts/uninstall-backup.sh';
import { stepScripts } from './step-scripts';

export interface DatabaseBackupProps {
  readonly host: Host;
  readonly topology: Topology;
  /** The database runs. */
  readonly dependsOn: readonly RemoteStep[];
}

/** Backups of the database with the token of k3s, on schedule and on demand, and the way back from them. */
export class DatabaseBackup extends Construct {
  constructor(scope: Construct, id: string, { host, topology, dependsOn }: DatabaseBackupProps) {
    super(scope, id);
    const { database, name, provisioner, proxy } = topology;
    const { backup } = database;
    const { folder, hashed } = backupSecrets(host, backup);
    new RemoteStep(this, 'database-backup', {
      host,
      provisioner,
      files: {
        ...stepScripts,
        'lib-folders.sh': folders,
        'lib-packages.sh': packages,
        'lib-systemd.sh': systemd,
        'lib-database-user.sh': databaseServiceUserLibrary,
        'lib-postgres.sh': postgres,
        'lib-backup-file.sh': backupFile,
        'lib-backup-folder.sh': backupFolder,
        'lib-kine.sh': kine,
        'lib-token.sh': token,
        'make-backup.sh': makeBackup,
        'restore-backup.sh': restoreBackup,
        'uninstall-backup.sh': uninstall,
        'run.sh': run,
        'k3s-cdk-backup.service': backupService,
        'k3s-cdk-backup.timer': backupTimer(backup.schedule),
      },
      env: {
        CLUSTER: name,
        DATA_DIR: database.dataDir,
        SERVICE_USER: databaseServiceUser,
        DATABASE: database.name,
        ENABLED: backup.enabled,
        SCHEDULE: backup.schedule,
        BACKUP_DIR: backup.path,
        NFS: backup.nfs ?? '',
        KEEP_LAST: backup.keep.last,
        KEEP_DAILY: backup.keep.daily,
        KEEP_WEEKLY: backup.keep.weekly,
        ...packagesEnv(backupPackages(backup)),
        ...proxyEnv(proxy),
      },
      lateEnv: knownTokensEnv,
      upload: { folder, hashed, remedy: `run 'npx k3s-cdk init'` },
      dependsOn,
    });
  }
}
