import * as z from 'zod';
import { port } from './primitives';
import { sshAddress } from './ssh';
import { operatorPath } from './text';

export const externalDatabase = z
  .strictObject({
    engine: z
      .enum(['postgres', 'mysql'])
      .default('postgres')
      .describe('What it is; `mysql` is MariaDB too. Backups and restore are for Postgres.'),
    addresses: z
      .array(sshAddress)
      .min(1)
      .describe(
        'Addresses, or names that every server can resolve and that are in its certificate. Of several, which is for Postgres, servers use the one that accepts writes.',
      ),
    port: port
      .exactOptional()
      .describe('Port, the same at all addresses. Default: the usual one of its kind.'),
    name: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,47}$/, {
        error: (issue) =>
          `'${issue.input}' is not a name of a database that k3s and its backups can use: use at most 48 lower case letters, digits and '_', no digit first`,
      })
      .default('k3s')
      .describe('Name of the database, which exists and has nothing else in it.'),
    user: z
      .string()
      .regex(/^[A-Za-z_][\w.-]{0,62}$/, {
        // What follows a colon is the password.
        error: (issue) =>
          `'${String(issue.input).replace(/:.*/s, ':…')}' is not a name of a user: use letters, digits, '_', '-' and '.', a letter first; the password is in a file`,
      })
      .default('k3s')
      .describe('User, who owns the database.'),
    authentication: z
      .enum(['password', 'certificate'])
      .default('password')
      .describe(
        'How servers prove who they are: with the password in `secrets/database-password`, or with the certificate in `secrets/database-client.crt` and its key in `secrets/database-client.key`.',
      ),
    tls: z
      .enum(['verify-full', 'none'])
      .default('verify-full')
      .describe(
        '`verify-full`: encrypted, and the certificate of the server must be valid for the address. `none`: not encrypted at all, so everybody in the network between can read every Secret.',
      ),
    ca: operatorPath
      .exactOptional()
      .describe(
        'Certificate (PEM) of the CA that issued the certificate of the server, relative to this file or absolute. Default: the CAs that the systems of the hosts trust.',
      ),
  })
  .describe('A Postgres or MySQL that is there already; then no host has the role `database`.');
