import { clientVariables } from '../../model/external-database';
import { dateText } from '../../pki/validity';
import { type Answer, figure, text, word } from '../../status/answer';
import { bytes } from '../../status/figures';
import type { Problem } from '../../status/problem';
import { type BackupStatus, readBackup } from '../backup/status';
import { connectionsInUse } from '../database/problems';
import type { RoleStatus } from '../role-status';
import probe from './probe-external-database.sh';

/** Certificates of others are often renewed only a month before they expire. */
const dueWithin = 21 * 24 * 60 * 60 * 1000;

/** The external database, as a server sees it. */
export interface DatastoreStatus {
  /** Why it does not let this server in. */
  readonly failure?: string;
  /** Undefined when it does not answer. */
  readonly facts?: {
    readonly version: string;
    readonly maxConnections: number;
    readonly connections: number;
    /** Of k3s's table; undefined before there is one. */
    readonly size?: number;
  };
  /** Of the servers, by their addresses, and of this `client`. */
  readonly certificates: readonly { readonly of: string; readonly expires: string }[];
  /** On the server that makes them. Undefined before the first try. */
  readonly backup?: BackupStatus;
}

export const externalDatabaseStatus: RoleStatus = {
  probe: {
    script: probe,
    calls: ['external_database'],
    inputs: ({ database }) => ({
      ...clientVariables(database),
      ADDRESSES: database.addresses.join(' '),
    }),
  },
  read: (answer) => ({ datastore: read(answer) }),
  *problems({ database: { external } }, hosts, now) {
    for (const { name: host, datastore } of hosts)
      if (datastore && external) yield* problemsOf(host, external.title, datastore, now);
  },
  *rows({ database: { external } }, hosts) {
    for (const { name, datastore } of hosts) {
      const { facts, failure } = datastore ?? {};
      if (failure !== undefined) yield ['database', `${name} is not let in`];
      if (!facts) continue;
      const { version, connections, maxConnections, size } = facts;
      yield [
        'database',
        `${name} reaches ${external?.title} ${version.split(/[ -]/)[0]}, ${connections} of ${maxConnections} connections, ${size === undefined ? 'no table of k3s' : `kine ${bytes(size)}`}`,
      ];
    }
  },
};

function read(answer: Answer): DatastoreStatus {
  const failure = answer.first('datastore-failure')?.[0];
  const [version, ...numbers] = answer.first('datastore-facts') ?? [];
  const number = (index: number) => figure(numbers[index], 'a figure of the database');
  const found = readBackup(answer.first('backup')?.[0] ?? '');
  return {
    ...(failure !== undefined && { failure: text(failure) }),
    ...(version !== undefined && {
      facts: {
        version: text(version),
        maxConnections: number(0),
        connections: number(1),
        ...(numbers[2] !== '-1' && { size: number(2) }),
      },
    }),
    certificates: answer
      .all('datastore-certificate')
      .map(([of, expires]) => ({ of: text(of), expires: word(expires, 'a time') })),
    ...(found && { backup: found }),
  };
}

function* problemsOf(
  host: string,
  title: string,
  { failure, facts, certificates }: DatastoreStatus,
  now: Date,
): Iterable<Problem> {
  if (failure !== undefined)
    yield {
      severity: 'error',
      code: 'datastore-refused',
      host,
      message: `cannot connect to the external database (${failure}): k3s keeps its open connections, and would not start again; see 'database.external' and whoever runs it`,
    };
  if (facts && facts.connections > facts.maxConnections * connectionsInUse)
    yield {
      severity: 'warning',
      code: 'database-connections',
      host,
      message: `sees ${facts.connections} of ${facts.maxConnections} connections of ${title} in use: have 'max_connections' raised there`,
    };
  for (const { of, expires } of certificates) {
    const left = new Date(expires).getTime() - now.getTime();
    if (left > dueWithin) continue;
    const own = of === 'client';
    yield {
      severity: left <= 0 ? 'error' : 'warning',
      code: left <= 0 ? 'certificate-expired' : 'certificate-expires',
      host,
      message: `${own ? "connects to the database with 'secrets/database-client.crt', which" : `gets a certificate from the database at ${of} that`} ${left <= 0 ? 'expired' : 'expires'} on ${dateText(new Date(expires))}: ${own ? "put a new one there, then run 'k3s-cdk init' and 'k3s-cdk deploy'" : 'whoever runs it has to renew it'}`,
    };
  }
}
