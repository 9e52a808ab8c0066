import type { Role } from '../role';
import purge from './purge-disks.sh';

/** Packages with the programs that make file systems, for every package manager. */
export const filesystemPackages = { ext4: 'e2fsprogs', xfs: 'xfsprogs' } as const;

/** Hosts whose disks are mounted. */
export const disks: Role = {
  name: 'disks',
  isOn: (host) => host.disks.length > 0,
  ownPackages: (_, { disks }) => {
    const made = disks.filter(({ format }) => format !== 'never').map(({ filesystem }) => filesystem);
    return [...new Set(made)].map((filesystem) => {
      const names = [filesystemPackages[filesystem]];
      return { apt: names, dnf: names, when: 'if a disk is formatted' };
    });
  },
  effects: () => [
    {
      step: 'disks',
      of: ['disks'],
      does: 'a new disk is mounted, and formatted if it is blank; a mounted one stays',
    },
  ],
  data: {
    script: purge,
    call: 'purge_disks',
    on: (_, { disks }) => ({
      what: [],
      stays: [],
      inputs: { MOUNTS: disks.map(({ mount }) => mount).join('\n') },
    }),
  },
};
