import type { Role } from '../role';
import { nfsPort } from './ports';
import { nfsStatus } from './status';

/** The NFS server. Its package starts it, and it has to find its configuration: the step itself installs it. */
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
    const { path, server: address, storageClass } = storage;
    return [
      {
        ...{ name: 'NFS', address, port: nfsPort, from: 'nodes', by: 'NFSv4' },
        ...(nfs && { host: nfs.host }),
        notes: [path, `StorageClass ${storageClass}`],
      },
    ];
  },
  takesOver: 'nfs',
  status: nfsStatus,
};
