import { Construct } from 'constructs';
import { proxyEnv } from '../../hosts/proxy-env';
import { RemoteStep } from '../../hosts/remote-step';
import { databaseServiceUser } from '../../model/database';
import { backupSecrets } from '../../model/secrets';
import type { Host, Topology } from '../../model/topology';
import databaseServiceUserLibrary from '../database/lib-database-user.sh';
import kine from '../database/lib-kine.sh';
import postgres from '../database/lib-postgres.sh';
import { knownTokensEnv } from '../lib/known-tokens';
import folders from '../lib/lib-folders.sh';
import packages from '../lib/lib-packages.sh';
import systemd from '../lib/lib-systemd.sh';
import token from '../lib/lib-token.sh';
import { packagesEnv } from '../lib/packages-env';
import { stepScripts } from '../lib/step-scripts';
import { backupPackages } from './backup';
import run from './database-backup.sh';
import { backupService, backupTimer } from './files/backup-units';
import backupFile from './lib-backup-file.sh';
import backupFolder from './lib-backup-folder.sh';
import makeBackup from './make-backup.sh';
import restoreBackup from './restore-backup.sh';
import uninstall from './uninstall-backup.sh';

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
        ...packagesEnv(backupPackages(topology)),
        ...proxyEnv(proxy),
      },
      lateEnv: knownTokensEnv,
      upload: { folder, hashed, remedy: `run 'npx k3s-cdk init'` },
      dependsOn,
    });
  }
}
