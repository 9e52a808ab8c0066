import { figure, word } from '../../status/answer';
import { bytes } from '../../status/figures';
import type { RoleStatus } from '../role-status';

export interface BackupStatus {
  /** The last good one, ISO 8601; undefined when there is none. */
  readonly last?: string;
  /** Where it is on the host. */
  readonly file?: string;
  readonly size?: number;
  /** When one has failed since, ISO 8601. */
  readonly failed?: string;
}

/** The outcome of the last backups, as the database's probe reports it. */
export const backupStatus: RoleStatus = {
  *problems(_, hosts) {
    for (const { name: host, database, datastore } of hosts) {
      const { last, failed } = (database ?? datastore)?.backup ?? {};
      if (failed !== undefined)
        yield {
          severity: 'error',
          code: 'backup-failed',
          host,
          message: `could not make the backup of ${failed}${last === undefined ? '' : ` (the last good one is of ${last})`}: see 'journalctl -u k3s-cdk-backup' on it`,
        };
    }
  },
  *rows({ database: { backup }, backupHosts }, hosts) {
    for (const { name, database, datastore } of hosts) {
      const from = database ?? datastore;
      if (!from || !backup.enabled || !backupHosts.some((host) => host.name === name)) continue;
      const { last, size = 0, failed } = from.backup ?? {};
      const good = last === undefined ? 'none yet' : `the last one ${last}, ${bytes(size)}`;
      yield ['backup', `${name} ${good}${failed === undefined ? '' : `, one of ${failed} failed`}`];
    }
  },
};

/** What make-backup.sh writes down. */
export function readBackup(json: string): BackupStatus | undefined {
  const { lastSuccess, file, bytes, lastFailure } = membersOf(json);
  if (lastSuccess === undefined && lastFailure === undefined) return undefined;
  return {
    ...(lastSuccess != null && { last: word(String(lastSuccess), 'a time') }),
    ...(file != null && { file: word(String(file), 'a path') }),
    ...(bytes != null && { size: figure(String(bytes), 'the size of a backup') }),
    ...(lastFailure != null && { failed: word(String(lastFailure), 'a time') }),
  };
}

function membersOf(json: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
