import type { Role } from '../role';

/** Hosts whose disks are mounted. */
export const disks: Role = {
  name: 'disks',
  isOn: (host) => host.disks.length > 0,
};
