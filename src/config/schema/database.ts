import * as z from 'zod';
import { backup } from './backup';
import { absolutePath } from './primitives';

export const database = z
  .strictObject({
    image: z
      .string()
      .regex(/^[^\s:@]+(:\d+)?(\/[^\s:@]+)*(:[\w][\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$/, {
        error: (issue) =>
          `'${issue.input}' is not a container image: write it like docker.io/library/postgres:17`,
      })
      .default('docker.io/library/postgres:17')
      .describe('Container image of Postgres, with registry and tag or digest.'),
    dataDir: absolutePath.default('/srv/postgres').describe('Directory of the data, on the SSD.'),
    settings: z
      .record(
        z.string().regex(/^[a-z_][a-z0-9_.]*$/, {
          error: (issue) =>
            `'${issue.input}' is not the name of a Postgres setting: write it as in postgresql.conf, such as max_connections`,
        }),
        z.union([z.string(), z.number(), z.boolean()]),
      )
      .default({})
      .describe(
        'Extra settings of Postgres (`postgresql.conf`); they win over the ones derived from the size of the cluster.',
      ),
    backup: backup.prefault({}),
  })
  .describe('Postgres, the datastore of k3s, in a rootless podman container on the `database` host.');
