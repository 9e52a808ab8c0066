import type { Config } from '../config/config';
import { urlHost } from '../net/address';
import { postgresPort } from '../roles/database/ports';
import { mysqlPort } from '../roles/external-database/ports';
import type { Database } from './topology';

type External = NonNullable<Config['database']['external']>;

/** What a client that is not k3s needs, on the servers. */
export const clientFolder = '/usr/local/libexec/k3s-cdk/external-database';

/** Where k3s has the same. */
const k3sFolder = '/etc/rancher/k3s/datastore';

/** Makes clients look for the server that accepts writes, and soon give up on a dead one (libpq, 34.1.2). */
export const failover = { target_session_attrs: 'read-write', connect_timeout: '2' };

/** How k3s and others get to a database that somebody else runs. */
export function externalDatabase(
  external: External,
): Pick<Database, 'name' | 'user' | 'port' | 'endpoint' | 'addresses' | 'external'> {
  const { name, user, port: own, ...rest } = external;
  const { engine, addresses, tls, authentication } = rest;
  const isPostgres = engine === 'postgres';
  const port = own ?? (isPostgres ? postgresPort : mysqlPort);
  const all = addresses.map((address) => `${urlHost(address)}:${port}`);
  const parameters = {
    sslmode: tls === 'none' ? 'disable' : tls,
    ...(all.length > 1 && failover),
    // kine gives the driver what it does not know itself, and that reads the password from there.
    ...(authentication === 'password' && { passfile: `${k3sFolder}/${postgresPassword.file}` }),
  };
  const endpoint = isPostgres
    ? `postgres://${user}@${all.join(',')}/${name}?${query(parameters)}`
    : mysqlEndpoint({ user, addresses: all, name, tls });
  return {
    ...{ name, user, port, endpoint, addresses: all },
    external: { ...rest, title: isPostgres ? 'Postgres' : 'MySQL' },
  };
}

/** The part of a URL after the `?`. */
export function query(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map((pair) => pair.join('='))
    .join('&');
}

/** Without a CA of its own, `tls=true` means that of the system; with one, kine sets it. */
function mysqlEndpoint(
  { user, addresses, name, tls }: Pick<Database, 'user' | 'addresses' | 'name'> & Pick<External, 'tls'>,
  password = '',
): string {
  return `mysql://${user}${password && `:${password}`}@tcp(${addresses.join()})/${name}${tls === 'none' ? '' : '?tls=true'}`;
}

/** A file that is made from the password. */
export interface PasswordFile {
  /** With `datastore-` before it, its name in the folder of a server's step. */
  readonly file: string;
  readonly text: (password: string, database: Database) => string;
}

/** For every server and database: which are meant is in the endpoint. */
const postgresPassword: PasswordFile = {
  file: 'passfile',
  text: (password) => `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`,
};

/** For clients, as an option file. */
const mysqlPassword: PasswordFile = {
  file: 'password.cnf',
  text: (password) => `[client]\npassword="${password.replace(/[\\"]/g, '\\$&')}"\n`,
};

/** MySQL's driver has no file for it, so this replaces the endpoint of k3s's configuration. */
const mysqlConfig: PasswordFile = {
  file: 'config.yaml',
  text: (password, { user, addresses, name, external }) => {
    const endpoint = mysqlEndpoint({ user, addresses, name, tls: external?.tls ?? 'verify-full' }, password);
    return `datastore-endpoint: ${JSON.stringify(endpoint)}\n`;
  },
};

/** What the password is written as, by names like those of `datastoreFiles`. */
export function passwordFiles({ external }: Database): readonly PasswordFile[] {
  if (external?.authentication !== 'password') return [];
  return external.engine === 'postgres' ? [postgresPassword] : [mysqlPassword, mysqlConfig];
}

/** Variables for clients on servers, in none of which is a secret: those of libpq, or options for MySQL's. */
export function clientVariables({ name, user, port, external }: Database): Readonly<Record<string, string>> {
  if (!external) return {};
  const { engine, addresses, tls, authentication, ca } = external;
  const file = (text: string) => `${clientFolder}/${text}`;
  const authority = tls === 'none' ? 'none' : ca === undefined ? 'system' : file('ca.crt');
  const common = { ENGINE: engine, DATASTORE_CA: authority };
  const byCertificate = authentication === 'certificate';
  if (engine === 'mysql')
    return {
      ...common,
      CLIENT: [
        ...(byCertificate ? [] : [`--defaults-extra-file=${file(mysqlPassword.file)}`]),
        ...[`--host=${addresses[0]}`, `--port=${port}`, `--user=${user}`, `--database=${name}`],
        ...(byCertificate ? [`--ssl-cert=${file('client.crt')}`, `--ssl-key=${file('client.key')}`] : []),
      ].join(' '),
    };
  return {
    ...common,
    ...{ PGHOST: addresses.join(','), PGPORT: String(port), PGUSER: user, PGDATABASE: name },
    PGSSLMODE: tls === 'none' ? 'disable' : tls,
    PGCONNECT_TIMEOUT: '5',
    ...(addresses.length > 1 && { PGTARGETSESSIONATTRS: failover.target_session_attrs }),
    ...(byCertificate
      ? { PGSSLCERT: file('client.crt'), PGSSLKEY: file('client.key') }
      : // Names without a file keep libpq from looking into the home folder.
        {
          PGPASSFILE: file(postgresPassword.file),
          PGSSLCERT: file('none'),
          PGSSLKEY: file('none'),
        }),
  };
}
