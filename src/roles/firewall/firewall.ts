import type { Role } from '../role';

/** Every host: whichever firewall is active lets the cluster's traffic through, and nodes keep their pods from storage. */
export const firewall: Role = {
  name: 'firewall',
  isOn: () => true,
  // For the table that keeps pods away; the owner need not have a firewall.
  packages: (_, { kind }) =>
    kind === 'none' ? { apt: [], dnf: [] } : { apt: ['nftables'], dnf: ['nftables'] },
};
