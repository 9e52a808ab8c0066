import type { Packages, Role } from '../role';
import { nfsPort, portMounted } from './ports';
import purge from './purge-volumes.sh';
import { nfsStatus } from './status';

export const nfsPackages: Packages = { apt: ['nfs-kernel-server'], dnf: ['nfs-utils'] };

/**
 * The NFS server. The step itself installs its package, which starts it and needs the configuration
 * beforehand.
 */
export const nfs: Role = {
  name: 'nfs',
  isOn: (host) => host.roles.includes('nfs'),
  traffic: ({ openToPods }) => [
    {
      protocol: 'tcp',
      ports: [nfsPort],
      from: 'nodes',
      on: 'nfs',
      programs: 'nfsd',
      closedToPods: !openToPods.nfs,
    },
  ],
  services: ({ nfs, storage }) => {
    if (!storage) return [];
    const { path, server: address, storageClass, mountOptions } = storage;
    return [
      {
        ...{ name: 'NFS', address, port: portMounted(mountOptions), from: 'nodes', by: 'NFSv4' },
        ...(nfs && { host: nfs.host }),
        notes: [path, `StorageClass ${storageClass}`],
      },
    ];
  },
  ownPackages: () => [nfsPackages],
  takesOver: 'nfs',
  data: {
    script: purge,
    call: 'purge_volumes',
    on: ({ nfs }) => {
      if (!nfs) return undefined;
      const { path, adopt } = nfs;
      if (adopt) return { what: [], stays: [`${path}: 'nfs.adopt' is set, so it is its owner's`] };
      return { what: [`${path}: the volumes of all pods`], stays: [], inputs: { EXPORT_PATH: path } };
    },
  },
  effects: () => [
    {
      step: 'nfs',
      of: ['nfs.conf'],
      care: true,
      does: 'the NFS server restarts: pods that use volumes wait for it',
    },
    { step: 'nfs', of: ['k3s-cdk.exports'], does: 'the exports are read again; mounts stay' },
  ],
  status: nfsStatus,
};
