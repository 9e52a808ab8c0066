import type { Role } from '../role';

/** Every host: whichever firewall is active lets the cluster's traffic through, and nodes keep their pods from storage. */
export const firewall: Role = {
  name: 'firewall',
  isOn: () => true,
  // For the table that keeps pods away; the owner need not have a firewall.
  packages: (_, { kind }) =>
    kind === 'none' ? { apt: [], dnf: [] } : { apt: ['nftables'], dnf: ['nftables'] },
  effects: () => [
    {
      step: 'firewall',
      of: [
        'firewalld.policies.k3s-cdk.xml',
        'nftables.rules',
        'ufw-before.rules',
        'ufw-before6.rules',
        'pods.nft',
      ],
      does: 'the rules of the cluster are exchanged; open connections stay',
    },
  ],
};
