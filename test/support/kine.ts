import { createHash } from 'node:crypto';
import type { Postgres } from './postgres';

/** What k3s names the cluster's data by. */
export const hashOf = (token: string) => createHash('sha256').update(token.trim()).digest('hex').slice(0, 12);

/** k3s's table in database `k3s`, as kine makes it, with the data of a cluster that has this token. */
export function writeKine(postgres: Postgres, token: string, ...values: string[]): void {
  postgres.admin(
    `SET ROLE k3s; CREATE TABLE kine (id BIGSERIAL PRIMARY KEY, name text COLLATE "C", created INTEGER, deleted INTEGER,
       create_revision BIGINT, prev_revision BIGINT, lease INTEGER, value bytea, old_value bytea);
     CREATE UNIQUE INDEX kine_name_prev_revision_uindex ON kine (name, prev_revision);
     INSERT INTO kine (name, created, deleted, create_revision, prev_revision, lease, value)
       VALUES ('compact_rev_key', 1, 0, 0, 0, 0, ''), ('/bootstrap/${hashOf(token)}', 1, 0, 0, 0, 0, 'sealed');`,
    'k3s',
  );
  for (const value of values) appendObject(postgres, value);
}

export function appendObject(postgres: Postgres, value: string): void {
  postgres.admin(
    `INSERT INTO kine (name, created, deleted, create_revision, prev_revision, lease, value)
     VALUES ('/registry/${value}', 1, 0, 0, 0, 0, '${value}')`,
    'k3s',
  );
}
