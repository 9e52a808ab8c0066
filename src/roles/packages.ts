import type { Backup, Host, Topology } from '../model/topology';

/** Names of packages for one purpose, for each package manager. */
export interface Packages {
  readonly apt: readonly string[];
  readonly dnf: readonly string[];
}

const base: Packages = {
  apt: ['ca-certificates', 'iproute2', 'openssl', 'util-linux'],
  dnf: ['ca-certificates', 'iproute', 'openssl', 'util-linux'],
};

/** Enterprise Linux has it, or `curl-minimal`, which does as well and excludes the other. */
const download: Packages = { apt: ['curl'], dnf: [] };

/** For the table that keeps pods away; a firewall of the owner need not be there. */
const packetFilter: Packages = { apt: ['nftables'], dnf: ['nftables'] };

const nfsClient: Packages = { apt: ['nfs-common'], dnf: ['nfs-utils'] };

/** etcd in a container, and what finds a cluster for it. */
export const etcdPackages: Packages = {
  apt: ['podman', 'uidmap', 'dbus-user-session', 'curl', 'openssl'],
  dnf: ['podman', 'shadow-utils', 'openssl'],
};

export const databasePackages: Packages = {
  apt: ['podman', 'uidmap', 'dbus-user-session'],
  dnf: ['podman', 'shadow-utils'],
};

/** What backups are written to an export with. */
export function backupPackages({ nfs }: Backup): Packages {
  const sets = nfs === undefined ? [] : [nfsClient];
  return { apt: sets.flatMap(({ apt }) => apt), dnf: sets.flatMap(({ dnf }) => dnf) };
}

export const loadBalancerPackages: Packages = {
  apt: ['haproxy', 'keepalived'],
  dnf: ['haproxy', 'keepalived'],
};

/**
 * All that the roles of a host need, to be installed in one go. Not the NFS server: its package starts it, and it has
 * to find its configuration.
 */
export function hostPackages(host: Host, { api, database, k3s, quorum, storage }: Topology): Packages {
  const isNode = host.k3sConfig !== undefined;
  const sets = [
    base,
    ...(isNode && k3s.artifacts === undefined ? [download] : []),
    ...(isNode ? [packetFilter] : []),
    ...(isNode && storage ? [nfsClient] : []),
    ...(host.roles.includes('database') ? [databasePackages, backupPackages(database.backup)] : []),
    ...(quorum.includes(host) ? [etcdPackages] : []),
    ...(host.roles.includes('server') && api.loadBalancer ? [loadBalancerPackages] : []),
  ];
  return { apt: sets.flatMap(({ apt }) => apt), dnf: sets.flatMap(({ dnf }) => dnf) };
}

/** What `install_step_packages` in a script installs. */
export function packagesEnv({ apt, dnf }: Packages) {
  return { APT_PACKAGES: apt.join(' '), DNF_PACKAGES: dnf.join(' ') };
}
