import * as z from 'zod';
import { keep } from './keep';
import { drill, offsite } from './offsite';
import { sshAddress } from './ssh';
import { absolutePath, operatorPath } from './text';

/** Characters of systemd's calendar expressions; the host's systemd judges the rest before it is used. */
const calendar = z.string().regex(/^(?! )[A-Za-z0-9*:,./~ -]+(?<! )$/, {
  error: (issue) =>
    `'${issue.input}' is not a systemd calendar expression: write it like '*-*-* 03:30:00', 'Sun 04:00' or 'hourly'`,
});

const nfs = z
  .strictObject({
    server: sshAddress.describe('Address of the NFS server.'),
    path: absolutePath.describe('Exported directory, or one below it.'),
  })
  .describe('NFS export that gets the backups instead of `path`; mounted while one is made.');

export const backup = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether backups are made on schedule.'),
    schedule: calendar
      .default('*-*-* 03:30:00')
      .describe('When, as a calendar expression of systemd, in the time zone of the host.'),
    keep: keep
      .describe('Which backups stay. Others are removed, but only after a new one is complete.')
      .prefault({}),
    path: absolutePath
      .default('/var/backups/k3s-cdk')
      .describe(
        'Directory on the database host, or on the first server with `database.external`; best on a different disk than the data.',
      ),
    nfs: nfs.exactOptional(),
    offsite: offsite.exactOptional(),
    drill: drill.prefault({}),
    recipients: z
      .array(operatorPath)
      .default([])
      .describe(
        'Certificates (PEM; paths relative to this file or absolute, `~` allowed) whose private keys can open the backups. `k3s-cdk init` makes `secrets/backup.crt` and its key when it is named here. For the restore drill the database host has a key of its own as well. Default: not encrypted.',
      ),
  })
  .describe('Backups of the database together with the token of k3s, without which it cannot be read.');
