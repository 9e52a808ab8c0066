import type { Role } from '../role';
import purge from './purge-disks.sh';

/** Hosts whose disks are mounted. */
export const disks: Role = {
  name: 'disks',
  isOn: (host) => host.disks.length > 0,
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
