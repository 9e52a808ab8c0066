import type { Topology } from '../../model/topology';
import { clusterNetworks, type FirewallRule, peerAddresses } from '../firewall-rules';

/**
 * Rules for chains of the owner's own tables, a line each: hook, families of tables that it fits into, rule.
 * They go there because in nftables a packet that one table accepts is still dropped by the next.
 */
export function nftablesRules(rules: readonly FirewallRule[], topology: Topology): string {
  const lines = ([4, 6] as const).flatMap((family) => {
    const [ip, tables] = family === 4 ? (['ip', 'ip,inet'] as const) : (['ip6', 'ip6,inet'] as const);
    const networks = clusterNetworks(topology, family);
    return [
      ...rules.flatMap((rule) => {
        if (rule.from === 'anyone') return [];
        const addresses = peerAddresses(topology, rule.from, family);
        return addresses.length === 0
          ? []
          : [`input ${tables} ${ip} saddr ${set(addresses)} ${match(rule)} accept`];
      }),
      ...networks.flatMap((network) => [
        `input ${tables} ${ip} saddr ${network} accept`,
        `forward ${tables} ${ip} saddr ${network} accept`,
        `forward ${tables} ${ip} daddr ${network} accept`,
      ]),
    ];
  });
  const open = rules.filter(({ from }) => from === 'anyone');
  return [...open.map((rule) => `input ip,ip6,inet ${match(rule)} accept`), ...lines, ''].join('\n');
}

function match({ protocol, ports }: FirewallRule): string {
  return protocol === 'vrrp' ? 'meta l4proto 112' : `${protocol} dport ${set(ports)}`;
}

function set(values: readonly (string | number)[]): string {
  return `{ ${values.join(', ')} }`;
}
