import { resolve as absolute, dirname, join } from 'node:path';
import { backupRecipient } from '../../model/secrets';
import { type OpenBackup, openBackup, readBackupFile } from '../../recovery/backup-file';
import { primaryOf } from '../../recovery/database-host';
import { SshClient } from '../../ssh/client';
import { UserError } from '../../user-error';
import { exitCodes } from '../exit-codes';
import { loadOrReport } from '../load';
import type { Terminal } from '../terminal';
import { topologyOf } from '../topology';
import { putTokenBack, requireSameCluster } from './backup-token';
import type { RestoreContext, RestoreOptions } from './restore-options';
import { RestoreRun } from './restore-run';

/**
 * `k3s-cdk restore`: replaces the database with a backup. Returns the exit code.
 *
 * @param backupFile path of a file, or with `offsite` the name of a backup; undefined for the newest
 */
export async function restoreCommand(
  backupFile: string | undefined,
  options: RestoreOptions,
  context: RestoreContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(options.file, terminal);
  if (!config) return 1;
  const folder = absolute(dirname(options.file));
  try {
    const key = absolute(options.key ?? join(folder, backupRecipient.key));
    const topology = topologyOf(config, options.file, terminal);
    // Of a file everything is known before a host is asked.
    const given = options.offsite ? undefined : await openFile(backupFile, key);
    if (given && options.tokenOnly) return putTokenBack(given, options.file, terminal);
    if (given) requireSameCluster(given, folder);
    const ssh = context.ssh ?? new SshClient({ folder, signal: context.signal });
    try {
      const database = await primaryOf(topology, ssh);
      const restore = new RestoreRun(topology, database, options, context, ssh, terminal);
      const backup = given ?? (await restore.fromOffsite(backupFile, key));
      if (!backup) return exitCodes.failed;
      if (options.tokenOnly) return putTokenBack(backup, options.file, terminal);
      requireSameCluster(backup, folder);
      const { cluster, created, host } = backup.manifest;
      terminal.report({ backup: { cluster, host, created }, restored: false });
      terminal.print(`backup of '${cluster}', made on ${host} at ${created.toISOString()}`);
      return await restore.run(backup);
    } finally {
      await ssh.close();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    terminal.error(`error: ${error.message}`);
    return 1;
  }
}

function openFile(name: string | undefined, key: string): Promise<OpenBackup> {
  if (name === undefined)
    throw new UserError(
      'there is nothing to restore from: name the file of a backup, or give --offsite for the newest one that is kept elsewhere',
    );
  return openBackup(name, readBackupFile(name, absolute(name)), key);
}
