import type { Packages, Role } from '../role';

export const nfsClientPackages: Packages = { apt: ['nfs-common'], dnf: ['nfs-utils'] };

/** Nodes, which mount the volumes of their pods. */
export const nfsClient: Role = {
  name: 'nfs-client',
  isOn: (host, { storage }) => host.kind !== 'none' && storage !== undefined,
  packages: () => nfsClientPackages,
};
