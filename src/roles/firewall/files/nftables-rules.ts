import type { Topology } from '../../../model/topology';
import type { Traffic } from '../../role';
import { peerAddresses } from '../peer-addresses';
import type { PodTraffic } from '../pod-traffic';

/**
 * Rules for chains of the owner's own tables, a line each: hook, families of suitable tables, rule.
 * They go there because in nftables a packet that one table accepts is still dropped by the next.
 */
export function nftablesRules(
  rules: readonly Traffic[],
  topology: Topology,
  pods?: (family: 4 | 6) => PodTraffic,
): string {
  const lines = ([4, 6] as const).flatMap((family) => {
    const [ip, tables] = family === 4 ? (['ip', 'ip,inet'] as const) : (['ip6', 'ip6,inet'] as const);
    return [
      ...rules.flatMap((rule) => {
        if (rule.from === 'anyone') return [];
        const addresses = peerAddresses(topology, rule.from, family);
        return addresses.length === 0
          ? []
          : [`input ${tables} ${ip} saddr ${set(addresses)} ${match(rule)} accept`];
      }),
      ...(pods ? podRules(pods(family), ip) : []).map(([hook, rule]) => `${hook} ${tables} ${rule} accept`),
    ];
  });
  const open = rules.filter(({ from }) => from === 'anyone');
  return [...open.map((rule) => `input ip,ip6,inet ${match(rule)} accept`), ...lines, ''].join('\n');
}

/** Packets from pods; to them, replies, packets for a Service, and those from nodes. */
function podRules({ networks, interfaces, nodes }: PodTraffic, ip: string): [string, string][] {
  const named = interfaces && set(interfaces.map((name) => `"${name}"`));
  const [from, to] = named ? [`iifname ${named} `, `oifname ${named} `] : ['', ''];
  return networks.flatMap((network): [string, string][] => [
    ['input', `${from}${ip} saddr ${network}`],
    ['forward', `${from}${ip} saddr ${network}`],
    ['forward', `${to}${ip} daddr ${network} ct status dnat`],
    ['forward', `${to}${ip} daddr ${network} ct state established,related`],
    ...(nodes.length > 0
      ? [['forward', `${ip} saddr ${set(nodes)} ${ip} daddr ${network}`] as [string, string]]
      : []),
  ]);
}

function match({ protocol, ports }: Traffic): string {
  return protocol === 'vrrp' ? 'meta l4proto 112' : `${protocol} dport ${set(ports)}`;
}

function set(values: readonly (string | number)[]): string {
  return `{ ${values.join(', ')} }`;
}
