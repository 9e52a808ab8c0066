import type { Database } from '../../../model/topology';

/** Where the container sees the folder of its configuration and certificates. */
const folder = '/etc/postgresql';

/** postgresql.conf: the settings of the topology, then those on which its security depends. */
export function postgresqlConf(settings: Database['settings']): string {
  const owned = {
    hba_file: `${folder}/pg_hba.conf`,
    ident_file: `${folder}/pg_ident.conf`,
    ...sslSettings(folder),
    // The root file system of the container is read-only.
    unix_socket_directories: '/tmp',
  };
  return Object.entries({ ...settings, ...owned })
    .map(([name, value]) => `${name} = ${quote(value)}\n`)
    .join('');
}

/** TLS with the certificates in a folder of the container. */
export function sslSettings(folder: string) {
  return {
    ssl: 'on',
    ssl_ca_file: `${folder}/ca.crt`,
    ssl_cert_file: `${folder}/server.crt`,
    ssl_key_file: `${folder}/server.key`,
    ssl_min_protocol_version: 'TLSv1.3',
  };
}

/** Who may connect: k3s by client certificate over TLS, and the superuser from within the container. No passwords. */
export function pgHba({ name, user }: Pick<Database, 'name' | 'user'>): string {
  return [
    'local all postgres peer map=superuser',
    `hostssl ${name} ${user} all cert`,
    '# kine looks there whether its database exists.',
    `hostssl postgres ${user} all cert`,
    '',
  ].join('\n');
}

/** The container's only user, by the name of the host or, if the image has that id, by the image's. */
export function pgIdent(serviceUser: string): string {
  return `superuser ${serviceUser} postgres\nsuperuser postgres postgres\n`;
}

/** As its lexer reads it (guc-file.l). */
function quote(value: string): string {
  return `'${value.replace(/['\\]/g, (sign) => sign + sign)}'`;
}
