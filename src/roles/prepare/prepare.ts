import type { Role } from '../role';

/** Every host: the basis of all other roles. */
export const prepare: Role = {
  name: 'prepare',
  isOn: () => true,
  packages: () => ({
    apt: ['ca-certificates', 'iproute2', 'openssl', 'util-linux'],
    dnf: ['ca-certificates', 'iproute', 'openssl', 'util-linux'],
  }),
  // For packages alone.
  freeSpaceMb: 512,
};
