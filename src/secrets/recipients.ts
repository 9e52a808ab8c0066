import { backupRecipient, backupSecrets } from '../model/secrets';
import type { Topology } from '../model/topology';
import { encryptsFor } from '../pki/inspect';
import { isPrivateKey, newPrivateKey } from '../pki/key';
import type { PrivateFiles } from './private-files';
import type { SecretsReport } from './report';

/**
 * The certificates that backups are encrypted for, and their copies for the hosts. Our own is created, with
 * its key, if cluster.yaml names it; others belong to their owners. No private key goes to a host.
 */
export async function ensureRecipients(
  files: PrivateFiles,
  { name, backupHosts, database: { backup } }: Topology,
  now: Date,
  report: SecretsReport,
): Promise<void> {
  if (backup.recipients.includes(backupRecipient.certificate)) await ensureOwn(files, name, now, report);
  for (const [index, recipient] of backup.recipients.entries()) {
    const certificate = files.read(recipient);
    if (certificate === undefined) {
      if (recipient !== backupRecipient.certificate)
        report.found(
          'error',
          `'${recipient}' is missing: put the certificate there whose key is to open the backups, or take it out of 'database.backup.recipients'`,
        );
      continue;
    }
    if (!encryptsFor(certificate)) {
      report.found(
        'error',
        `'${recipient}' is not a certificate (PEM) with an EC or RSA key: make one with 'openssl req -x509'`,
      );
      continue;
    }
    for (const host of backupHosts) {
      const { folder, recipients } = backupSecrets(host, backup);
      const copy = `${folder}/${recipients[index]}`;
      const present = files.read(copy);
      if (present === certificate) continue;
      files.replace(copy, certificate);
      report.changed(present === undefined ? 'created' : 'copied', copy);
    }
  }
}

/** The key may be kept elsewhere: it is only needed to open a backup. */
async function ensureOwn(
  files: PrivateFiles,
  cluster: string,
  now: Date,
  report: SecretsReport,
): Promise<void> {
  if (files.read(backupRecipient.certificate) !== undefined) return;
  const found = files.read(backupRecipient.key);
  if (found !== undefined && !isPrivateKey(found)) {
    report.found(
      'error',
      `'${backupRecipient.key}' is not an EC P-256 private key, so its certificate cannot be made: restore both from your copy, or delete it for a new pair (backups made for the old one cannot be opened with the new)`,
    );
    return;
  }
  const key = found ?? newPrivateKey();
  // The key first: the next run continues from it if this one is interrupted here.
  if (found === undefined) {
    files.create(backupRecipient.key, key);
    report.changed('created', backupRecipient.key);
  }
  const { issueRecipient } = await import('../pki/issue');
  files.create(backupRecipient.certificate, await issueRecipient(cluster, key, now));
  report.changed('created', backupRecipient.certificate);
}
