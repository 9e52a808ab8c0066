import type { Packages, Role } from '../role';

/** A time daemon, for hosts without one. */
export const timePackages: Packages = { apt: ['systemd-timesyncd'], dnf: ['chrony'] };

/** Every host: the basis of all other roles. */
export const prepare: Role = {
  name: 'prepare',
  isOn: () => true,
  packages: (_, host) => ({
    apt: ['ca-certificates', 'iproute2', 'openssl', 'util-linux', ...host.packages],
    dnf: ['ca-certificates', 'iproute', 'openssl', 'util-linux', ...host.packages],
  }),
  effects: () => [
    {
      step: 'prepare',
      of: ['APT_PACKAGES', 'DNF_PACKAGES'],
      called: 'packages',
      does: 'those that are missing are installed, and none is removed',
    },
  ],
  ownPackages: () => [{ ...timePackages, when: 'if the host has no time daemon' }],
  // For packages alone.
  freeSpaceMb: 512,
};
