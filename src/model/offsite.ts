import { backupSecrets, secretsFolder } from './secrets';
import type { Backup, Topology } from './topology';

/** A file that users write for restic; its copies have the same name. Paths are as in secrets.ts. */
export interface OffsiteFile {
  readonly name: string;
  readonly original: string;
  /** Whether it may be missing. */
  readonly optional?: true;
  readonly form?: 'password' | 'variables';
}

export function offsiteFiles({ offsite }: Pick<Backup, 'offsite'>): OffsiteFile[] {
  if (!offsite) return [];
  const file = (name: string, rest: Omit<OffsiteFile, 'name' | 'original'> = {}) => ({
    ...{ name, original: `${secretsFolder}/${name}`, ...rest },
  });
  return [
    file('restic-password', { form: 'password' }),
    file('restic.env', { optional: true, form: 'variables' }),
    ...(isOverSsh(offsite) ? [file('restic-ssh-key'), file('restic-known-hosts')] : []),
  ];
}

/** Whether a repository is reached with the SSH client. */
export function isOverSsh({ repository }: NonNullable<Backup['offsite']>): boolean {
  return repository.startsWith('sftp:');
}

/** What users write for copies elsewhere, and where it goes. */
export function offsiteSecrets({ backupHosts, database: { backup } }: Topology) {
  return offsiteFiles(backup).map(({ name, original, optional, form }) => ({
    original,
    copies: backupHosts.map((host) => `${backupSecrets(host, backup).folder}/${name}`),
    neededBy: optional ? [] : backupHosts,
    ...(form && { form }),
  }));
}

/** Days between two restore drills; 0 without any. */
export function drillDays({ database: { backup, external } }: Pick<Topology, 'database'>): number {
  return backup.enabled && backup.drill.enabled && !external ? backup.drill.days : 0;
}
