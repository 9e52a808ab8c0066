import { drillDays } from '../../model/offsite';
import type { Topology } from '../../model/topology';
import { figure, text, word } from '../../status/answer';
import { bytes } from '../../status/figures';
import type { HostStatus } from '../../status/host-status';
import type { Problem } from '../../status/problem';
import type { RoleStatus } from '../role-status';

export interface BackupStatus {
  /** The last good one, ISO 8601; undefined when there is none. */
  readonly last?: string;
  /** Where it is on the host. */
  readonly file?: string;
  readonly size?: number;
  /** When one has failed since, ISO 8601. */
  readonly failed?: string;
  /** The last one that was copied elsewhere, and when one could not be since, ISO 8601. */
  readonly offsite?: string;
  readonly offsiteFailed?: string;
}

export interface DrillStatus {
  /** The last good one, ISO 8601. */
  readonly last?: string;
  /** The backup that it restored. */
  readonly backup?: string;
  /** When one has failed since, ISO 8601. */
  readonly failed?: string;
  /** Since when this host has had to have one, ISO 8601. */
  readonly since?: string;
}

/** The outcome of the last backups, as the database's probe reports it. */
export const backupStatus: RoleStatus = {
  *problems(topology, hosts, now) {
    for (const host of hosts) {
      yield* backupProblems(host);
      yield* drillProblems(topology, host, now);
    }
  },
  *rows({ database: { backup }, backupHosts }, hosts) {
    for (const { name, database, datastore } of hosts) {
      const from = database ?? datastore;
      if (!from || !backup.enabled || !backupHosts.some((host) => host.name === name)) continue;
      const { last, size = 0, failed, offsite } = from.backup ?? {};
      const good = last === undefined ? 'none yet' : `the last one ${last}, ${bytes(size)}`;
      const elsewhere = backup.offsite ? `, elsewhere ${offsite ?? 'none yet'}` : '';
      yield [
        'backup',
        `${name} ${good}${elsewhere}${failed === undefined ? '' : `, one of ${failed} failed`}`,
      ];
      const { drill } = database ?? {};
      if (drill?.last !== undefined) yield ['drill', `${name} restored ${drill.backup} on ${drill.last}`];
    }
  },
};

function* backupProblems({ name: host, database, datastore }: HostStatus): Iterable<Problem> {
  const { last, failed, offsiteFailed, offsite } = (database ?? datastore)?.backup ?? {};
  const good = (time: string | undefined) => (time === undefined ? '' : ` (the last good one is of ${time})`);
  const see = "see 'journalctl -u k3s-cdk-backup' on it";
  if (failed !== undefined)
    yield {
      severity: 'error',
      code: 'backup-failed',
      host,
      message: `could not make the backup of ${failed}${good(last)}: ${see}`,
    };
  if (offsiteFailed !== undefined)
    yield {
      severity: 'error',
      code: 'offsite-failed',
      host,
      message: `has the backup of ${offsiteFailed}, and could not copy it elsewhere${good(offsite)}: ${see}`,
    };
}

/** How often a drill may be left out before it is overdue: a failed one is tried again after each backup. */
const drillsMissed = 2;

/** Days without a restore drill that worked, from which it is overdue; 0 without drills. */
export function drillOverdueDays(topology: Pick<Topology, 'database'>): number {
  const days = drillDays(topology);
  return days === 0 ? 0 : days * drillsMissed + 1;
}

function* drillProblems(
  topology: Topology,
  { name: host, database }: HostStatus,
  now: Date,
): Iterable<Problem> {
  const days = drillOverdueDays(topology);
  const { drill } = database ?? {};
  if (days === 0 || !drill) return;
  const see = "see 'journalctl -u k3s-cdk-drill' on it";
  const good = drill.last === undefined ? 'none has worked' : `the last good one was on ${drill.last}`;
  if (drill.failed !== undefined)
    yield {
      severity: 'error',
      code: 'drill-failed',
      host,
      message: `could not restore its newest backup on ${drill.failed} (${good}), so it may be of no use: ${see}`,
    };
  else if ([drill.last, drill.since].every((time) => isBefore(time, now.getTime() - days * day)))
    yield {
      severity: 'warning',
      code: 'drill-overdue',
      host,
      message: `has not tried a backup for ${days} days (${good}): 'systemctl start k3s-cdk-drill' does it, and ${see}`,
    };
}

const day = 24 * 60 * 60 * 1000;

function isBefore(time: string | undefined, limit: number): boolean {
  return time === undefined || new Date(time).getTime() < limit;
}

/** What make-backup.sh writes down. */
export function readBackup(json: string): BackupStatus | undefined {
  const { lastSuccess, file, bytes, lastFailure, offsite, offsiteFailure } = membersOf(json);
  if (lastSuccess === undefined && lastFailure === undefined) return undefined;
  return {
    ...(lastSuccess != null && { last: time(lastSuccess) }),
    ...(file != null && { file: word(String(file), 'a path') }),
    ...(bytes != null && { size: figure(String(bytes), 'the size of a backup') }),
    ...(lastFailure != null && { failed: time(lastFailure) }),
    ...(offsite != null && { offsite: time(offsite) }),
    ...(offsiteFailure != null && { offsiteFailed: time(offsiteFailure) }),
  };
}

/** What drill.sh writes down. */
export function readDrill(json: string): DrillStatus | undefined {
  const { lastSuccess, backup, since, lastFailure } = membersOf(json);
  if (since === undefined) return undefined;
  return {
    ...(lastSuccess != null && { last: time(lastSuccess) }),
    ...(backup != null && { backup: text(String(backup)) }),
    ...(lastFailure != null && { failed: time(lastFailure) }),
    ...(since != null && { since: time(since) }),
  };
}

function time(value: unknown): string {
  return word(String(value), 'a time');
}

function membersOf(json: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}
