import type { Packages, Role } from '../role';
import { externalDatabaseStatus } from './status';

const clients: Readonly<Record<'postgres' | 'mysql', Packages>> = {
  postgres: { apt: ['postgresql-client'], dnf: ['postgresql'] },
  mysql: { apt: ['mariadb-client'], dnf: ['mariadb'] },
};

/** Servers, whose datastore somebody else runs. */
export const externalDatabase: Role = {
  name: 'external-database',
  isOn: ({ kind }, { database }) => kind === 'server' && database.external !== undefined,
  packages: ({ database: { external } }) => clients[external?.engine ?? 'postgres'],
  uninstallers: () => ['47-external-database'],
  services: ({ database: { external, name, port } }) =>
    (external?.addresses ?? []).map((address) => ({
      ...{ name: external?.title ?? '', address, port, from: 'servers' },
      by: `${external?.tls === 'none' ? 'no TLS' : 'TLS'}, ${external?.authentication === 'password' ? 'password' : 'client certificate'}`,
      notes: [`database ${name}`],
    })),
  status: externalDatabaseStatus,
};
