import type { Topology } from '../../model/topology';
import { clusterNetworks, type FirewallRule, peerAddresses } from '../firewall-rules';

/** A section for the end of ufw's `before.rules` (or `before6.rules`), which ufw itself is told to keep. */
export function ufwRules(rules: readonly FirewallRule[], topology: Topology, family: 4 | 6): string {
  const chain = family === 4 ? 'ufw-before' : 'ufw6-before';
  const input = rules.flatMap((rule) =>
    sources(rule, topology, family).map((source) => `-A ${chain}-input${source}${match(rule)} -j ACCEPT`),
  );
  const networks = clusterNetworks(topology, family);
  return [
    '# BEGIN k3s-cdk',
    '*filter',
    ...input,
    ...networks.map((network) => `-A ${chain}-input -s ${network} -j ACCEPT`),
    ...networks.flatMap((network) =>
      ['-s', '-d'].map((side) => `-A ${chain}-forward ${side} ${network} -j ACCEPT`),
    ),
    'COMMIT',
    '# END k3s-cdk',
    '',
  ].join('\n');
}

function sources({ from }: FirewallRule, topology: Topology, family: 4 | 6): string[] {
  if (from === 'anyone') return [''];
  return peerAddresses(topology, from, family).map((address) => ` -s ${address}`);
}

function match({ protocol, ports }: FirewallRule): string {
  return protocol === 'vrrp' ? ' -p 112' : ` -p ${protocol} -m multiport --dports ${ports.join(',')}`;
}
