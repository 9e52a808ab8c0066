import * as z from 'zod';
import { hostImages } from '../pinned-images';
import { backup } from './backup';
import { externalDatabase } from './external-database';
import { absolutePath, line } from './text';

const image = z
  .string()
  .regex(
    /^([A-Za-z0-9][\w.-]*|\[[\da-f:]+\])(:\d{1,5})?(\/[a-z0-9][a-z0-9._-]*)*(:\w[\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$/,
    {
      error: (issue) =>
        `'${issue.input}' is not a container image: write it like docker.io/library/postgres:17`,
    },
  );

function notASetting(text: string): string {
  return /^include(_dir|_if_exists)?$/.test(text)
    ? `'${text}' reads another file, which is not part of this one: write its settings here`
    : `'${text}' is not the name of a Postgres setting: write it as in postgresql.conf, such as max_connections`;
}

export const database = z
  .strictObject({
    image: image
      .default(hostImages.postgres)
      .describe('Container image of Postgres, with registry and tag or digest.'),
    dataDir: absolutePath.default('/srv/postgres').describe('Directory of the data, on the SSD.'),
    settings: z
      .record(
        z.string().regex(/^(?!include(_dir|_if_exists)?$)[a-z_][a-z0-9_.]*$/, {
          error: (issue) => notASetting(String(issue.input)),
        }),
        z.union([line, z.number(), z.boolean()]),
      )
      .default({})
      .describe(
        'Extra settings of Postgres (`postgresql.conf`); they override those derived from the size of the cluster. Names that Postgres 17 does not have cause warnings, malformed values are errors.',
      ),
    patroni: z
      .strictObject({
        image: image
          .optional()
          .describe(
            'Container image with Postgres of the same major version and Patroni. Default: built on the hosts from `database.image`.',
          ),
      })
      .prefault({})
      .describe('What runs Postgres on two or three `database` hosts (docs/how-to/database.md).'),
    etcd: z
      .strictObject({
        image: image.default(hostImages.etcd).describe('Container image of etcd 3.5 or 3.6.'),
      })
      .prefault({})
      .describe(
        'What decides which of two or three `database` hosts is the primary; it runs on three hosts, database hosts first.',
      ),
    backup: backup.prefault({}),
    external: externalDatabase.exactOptional(),
    openToPods: z
      .boolean()
      .default(false)
      .describe(
        'Whether pods may connect to Postgres, for which they also need a client certificate. Never to etcd and Patroni.',
      ),
  })
  .describe('Postgres, the datastore of k3s, in a rootless podman container on each `database` host.');
