import type { Topology } from '../../../model/topology';
import type { Traffic } from '../../role';
import { peerAddresses } from '../peer-addresses';
import type { PodTraffic } from '../pod-traffic';

/** A section for the end of ufw's `before.rules` (or `before6.rules`), which ufw itself is told to keep. */
export function ufwRules(
  rules: readonly Traffic[],
  topology: Topology,
  family: 4 | 6,
  pods?: (family: 4 | 6) => PodTraffic,
): string {
  const chain = family === 4 ? 'ufw-before' : 'ufw6-before';
  const input = rules.flatMap((rule) =>
    sources(rule, topology, family).map((source) => `input${source}${match(rule)}`),
  );
  return [
    '# BEGIN k3s-cdk',
    '*filter',
    ...[...input, ...(pods ? podRules(pods(family)) : [])].map((rule) => `-A ${chain}-${rule} -j ACCEPT`),
    'COMMIT',
    '# END k3s-cdk',
    '',
  ].join('\n');
}

/** As in nftables. */
function podRules({ networks, interfaces, nodes }: PodTraffic): string[] {
  const [from, to] = [side('-i', interfaces), side('-o', interfaces)];
  return networks.flatMap((network) => [
    ...from.map((each) => `input${each} -s ${network}`),
    ...from.map((each) => `forward${each} -s ${network}`),
    ...to.map((each) => `forward${each} -d ${network} -m conntrack --ctstate DNAT,ESTABLISHED,RELATED`),
    ...nodes.map((node) => `forward -s ${node} -d ${network}`),
  ]);
}

function side(option: '-i' | '-o', interfaces: readonly string[] | undefined): string[] {
  return interfaces?.map((name) => ` ${option} ${name}`) ?? [''];
}

function sources({ from }: Traffic, topology: Topology, family: 4 | 6): string[] {
  if (from === 'anyone') return [''];
  return peerAddresses(topology, from, family).map((address) => ` -s ${address}`);
}

function match({ protocol, ports }: Traffic): string {
  return protocol === 'vrrp' ? ' -p 112' : ` -p ${protocol} -m multiport --dports ${ports.join(',')}`;
}
