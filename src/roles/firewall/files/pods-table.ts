import type { Topology } from '../../../model/topology';
import { familyOf, familyOfNetwork } from '../../../net/address';
import { podInterfaces } from '../../k3s/pod-network';
import type { ClosedPort } from '../closed-to-pods';

/** As nft names it. */
export const podsTableName = 'inet k3s-cdk-pods';

/** Destinations that are closed. Both transports: older external servers also speak NFS over UDP. */
const to = (ports: readonly number[]) =>
  `meta l4proto { tcp, udp } th dport { ${ports.join(', ')} } counter drop`;

/**
 * An nft table that drops what pods of this node send to ports that are closed to them, without touching the
 * node's own firewall and kube-proxy's rules: what one table drops, no other accepts. It replaces itself in
 * one transaction.
 *
 * Packets are seen before they get the node's address and after a Service's address has become that of an endpoint.
 * Those that arrive for a Service or a node port from elsewhere count, too: a pod on another node may have
 * sent them.
 *
 * @param own ports of this host's roles
 */
export function podsTable(
  own: readonly number[],
  closed: readonly ClosedPort[],
  { network }: Topology,
): string {
  const fromPods = (chain: string) => [
    `iifname { ${podInterfaces.map((name) => `"${name}"`).join(', ')} } goto ${chain}`,
    ...network.pods.map((cidr) => `${ip(familyOfNetwork(cidr))} saddr ${cidr} goto ${chain}`),
    `ct status dnat goto ${chain}`,
  ];
  const chains = {
    forward: ['type filter hook forward priority -10; policy accept;', ...fromPods('hosts')],
    input:
      own.length === 0
        ? undefined
        : ['type filter hook input priority -10; policy accept;', 'iif "lo" accept', ...fromPods('here')],
    hosts: closed.flatMap((each) => toHosts(each, network)),
    here: own.length === 0 ? undefined : [to(own)],
  };
  const text = Object.entries(chains).flatMap(([name, lines]) =>
    lines === undefined ? [] : [`  chain ${name} {`, ...lines.map((line) => `    ${line}`), '  }'],
  );
  return [
    `table ${podsTableName}`,
    `delete table ${podsTableName}`,
    `table ${podsTableName} {`,
    ...text,
    '}',
    '',
  ].join('\n');
}

function toHosts({ port, addresses }: ClosedPort, { pods, services }: Topology['network']): string[] {
  return ([4, 6] as const).flatMap((family) => {
    if (addresses !== undefined) {
      const ofFamily = addresses.filter((address) => familyOf(address) === family);
      return ofFamily.length === 0 ? [] : [`${ip(family)} daddr { ${ofFamily.join(', ')} } ${to([port])}`];
    }
    const inside = [...pods, ...services].filter((cidr) => familyOfNetwork(cidr) === family);
    return inside.length === 0
      ? [`meta nfproto ipv${family} ${to([port])}`]
      : [`${ip(family)} daddr != { ${inside.join(', ')} } ${to([port])}`];
  });
}

function ip(family: 4 | 6): 'ip' | 'ip6' {
  return family === 4 ? 'ip' : 'ip6';
}
