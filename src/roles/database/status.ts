import { databaseServiceUser } from '../../model/database';
import { type Answer, figure, text } from '../../status/answer';
import { bytes } from '../../status/figures';
import { type BackupStatus, type DrillStatus, readBackup, readDrill } from '../backup/status';
import { type DatabaseMemberStatus, readMembers } from '../database-cluster/status';
import type { RoleStatus } from '../role-status';
import probe from './probe-database.sh';
import { databaseProblems } from './problems';

export interface DatabaseStatus {
  /** State of its unit: `active`, `failed`, … */
  readonly unit: string;
  /** Undefined when Postgres does not answer. */
  readonly postgres?: PostgresStatus;
  /** What it said instead. */
  readonly error?: string;
  /**
   * The digest of its image when it was first pulled, by which it has been pulled since. Undefined in an air
   * gap, for an image that cluster.yaml names by digest, and for one from before digests were recorded.
   */
  readonly image?: { readonly name: string; readonly digest: string };
  /** Undefined before the first try. */
  readonly backup?: BackupStatus;
  /** Of restores of backups. Undefined before the first try. */
  readonly drill?: DrillStatus;
  /**
   * With several database hosts: all that etcd knows, according to this one; empty if its Patroni does not
   * answer.
   */
  readonly members?: readonly DatabaseMemberStatus[];
}

export interface PostgresStatus {
  readonly version: string;
  readonly connections: number;
  readonly maxConnections: number;
  /** Of the whole database. */
  readonly size: number;
  /** k3s's table; rows are Postgres's estimates. Dead ones have been overwritten but not cleaned up. */
  readonly kine: { readonly size: number; readonly rows: number; readonly deadRows: number };
}

/** The state of Postgres. */
export const databaseStatus: RoleStatus = {
  folders: ({ database }) => [database.dataDir],
  certificates: ({ database }) => [`${database.dataDir}/config/*.crt`],
  probe: {
    script: probe,
    calls: ['database'],
    inputs: ({ database }) => ({
      DATA_DIR: database.dataDir,
      SERVICE_USER: databaseServiceUser,
      DATABASE: database.name,
    }),
  },
  read: (answer, { roles }) => (roles.includes('database') ? { database: read(answer) } : {}),
  problems: databaseProblems,
  // Its unit belongs to another systemd instance, which the record does not cover.
  repeat: ({ database }) => (database && database.unit !== 'active' ? ['database'] : []),
  *rows(_, hosts) {
    for (const { name, database } of hosts) {
      if (!database?.postgres) {
        if (database) yield ['postgres', `${name} ${database.unit}`];
        continue;
      }
      const { version, connections, maxConnections, kine } = database.postgres;
      yield [
        'postgres',
        `${name} ${version.split(' ')[0]}, ${connections} of ${maxConnections} connections, kine ${bytes(kine.size)} with ${kine.rows} rows and ${kine.deadRows} dead ones`,
      ];
    }
    for (const { name, database } of hosts) {
      if (database?.image)
        yield ['image', `${name} ${database.image.name} is ${database.image.digest.slice(0, 19)}…`];
    }
  },
};

function read(answer: Answer): DatabaseStatus {
  const unit = text(answer.first('postgres')?.[0] ?? 'unknown');
  const figures = answer.first('postgres-figures');
  const found = readBackup(answer.first('backup')?.[0] ?? '');
  const drill = readDrill(answer.first('drill')?.[0] ?? '');
  const others = readMembers(answer);
  const fetched = image(answer.first('image')?.[0] ?? '');
  const status = {
    unit,
    ...(fetched && { image: fetched }),
    ...(found && { backup: found }),
    ...(drill && { drill }),
    ...(others && { members: others }),
  };
  if (!figures) {
    const error = text(answer.first('postgres-error')?.join(' '));
    return { ...status, ...(error && { error }) };
  }
  const [version, ...numbers] = figures;
  const [maxConnections = 0, connections = 0, size = 0, kineSize = 0, rows = 0, deadRows = 0] = numbers.map(
    (number) => figure(number, 'a figure of Postgres'),
  );
  const kine = { size: kineSize, rows, deadRows };
  return { ...status, postgres: { version: text(version), connections, maxConnections, size, kine } };
}

/** What lib-database-container.sh writes down. */
function image(note: string): DatabaseStatus['image'] {
  const [, name, digest] = /^(\S{1,400}) (sha256:[a-f0-9]{64})\s*$/.exec(note) ?? [];
  return name === undefined || digest === undefined ? undefined : { name: text(name), digest };
}
