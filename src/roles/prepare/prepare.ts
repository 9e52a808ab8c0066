import type { Role } from '../role';

/** Every host: what all the others stand on. */
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
