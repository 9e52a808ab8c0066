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
        ...['firewalld.policies.k3s-cdk.xml', 'firewalld.ipsets.k3s-cdk-nodes4.xml', 'nftables.rules'],
        ...['firewalld.ipsets.k3s-cdk-servers4.xml', 'firewalld.ipsets.k3s-cdk-datastore4.xml'],
        ...['ufw-before.rules', 'ufw-before6.rules', 'pods.nft', 'PEERS'],
      ],
      called: 'its files or of PEERS',
      does: 'the rules of the cluster are exchanged; open connections stay',
    },
  ],
};
