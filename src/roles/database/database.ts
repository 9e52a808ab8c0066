import type { Packages, Role } from '../role';

export const databasePackages: Packages = {
  apt: ['podman', 'uidmap', 'dbus-user-session'],
  dnf: ['podman', 'shadow-utils'],
};

/** Postgres, the datastore of k3s. */
export const database: Role = {
  name: 'database',
  isOn: (host) => host.roles.includes('database'),
  traffic: ({ database: { cluster, port }, openToPods }) => {
    const postgres = { protocol: 'tcp', ports: [port], on: 'database' } as const;
    return [
      {
        ...postgres,
        from: cluster ? 'datastore' : 'servers',
        programs: 'postgres',
        closedToPods: !openToPods.database,
      },
      // Pods come with the address of their node.
      ...(openToPods.database ? [{ ...postgres, from: 'nodes', closedToPods: false } as const] : []),
    ];
  },
  packages: () => databasePackages,
  uninstallers: () => ['45-database-backup', '40-database'],
};
