import * as z from 'zod';
import { count, keep } from './keep';

export const offsite = z
  .strictObject({
    repository: z
      .string()
      .regex(/^(sftp:|rest:https?:\/\/|s3:|b2:|azure:|swift:|\/(?!\/))[\w@%+=:,./?~[\]-]+$/, {
        error: (issue) =>
          `'${issue.input}' is not a repository of restic: write it like sftp:backup@nas.example.net:/homelab, rest:https://nas.example.net:8000/homelab or s3:https://s3.example.net/homelab`,
      })
      .describe(
        "Where: a repository as restic names it, by SFTP, restic's REST server, S3, B2, Azure or Swift, or a directory that another machine or disk is mounted at. It is created if there is none.",
      ),
    keep: keep
      .extend({ monthly: count.default(12).describe('The newest one of each of this many months.') })
      .describe('Which of them stay.')
      .prefault({}),
    prune: z
      .boolean()
      .default(true)
      .describe(
        'Whether the host removes old ones. With `false`, for a repository to which it may only append, `keep` is without effect, and you remove them from elsewhere.',
      ),
  })
  .describe(
    'A copy of each backup elsewhere, by restic: encrypted with the password in `secrets/restic-password`; credentials in `secrets/restic.env`, for SFTP in `secrets/restic-ssh-key` and `secrets/restic-known-hosts`. Default: none.',
  );

export const drill = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether it takes place.'),
    days: z.int().min(1).max(90).default(7).describe('How many days at least lie between two.'),
  })
  .describe(
    'Restore drill: after a backup, the newest one (that of `offsite`, if there is one) is loaded into a Postgres that exists only for that, and compared with what the backup says of itself. Not with `database.external`.',
  );
