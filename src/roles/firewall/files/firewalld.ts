import type { Topology } from '../../../model/topology';
import type { Peers, Traffic } from '../../role';
import { peerAddresses } from '../peer-addresses';
import type { PodTraffic } from '../pod-traffic';

const families = [4, 6] as const;
const header = '<?xml version="1.0" encoding="utf-8"?>\n';

/**
 * Files below `/etc/firewalld`: a policy in front of every zone, the groups of hosts it names, and on nodes a zone for
 * pods. The owner's zones stay as they are.
 */
export function firewalldFiles(
  rules: readonly Traffic[],
  topology: Topology,
  pods?: (family: 4 | 6) => PodTraffic,
): Record<string, string> {
  const isUsed = (peers: Peers, family: 4 | 6) =>
    rules.some(({ from }) => from === peers) || (peers === 'nodes' && pods?.(family).nodes.length);
  const used = (['subnets', 'servers', 'nodes', 'datastore'] as const)
    .flatMap((peers) => families.map((family) => ({ peers, family })))
    .filter(({ peers, family }) => isUsed(peers, family))
    .map((group) => ({ ...group, addresses: peerAddresses(topology, group.peers, group.family) }))
    .filter(({ addresses }) => addresses.length > 0);
  return {
    'policies.k3s-cdk.xml': policy(rules, used),
    ...(pods && podsFiles(families.map((family) => ({ ...pods(family), family })))),
    ...Object.fromEntries(
      used.map(({ peers, family, addresses }) => [
        `ipsets.${setName(peers, family)}.xml`,
        ipset(peers === 'subnets' ? 'hash:net' : 'hash:ip', family, addresses),
      ]),
    ),
  };
}

type Group = { readonly peers: Peers; readonly family: 4 | 6 };

/** Priority below zero: before the zones, to which packets that no rule accepts continue. */
function policy(rules: readonly Traffic[], groups: readonly Group[]): string {
  const lines = rules.flatMap((rule) =>
    rule.from === 'anyone'
      ? matches(rule).map((match) => `  <rule>${match}<accept/></rule>\n`)
      : groups
          .filter(({ peers }) => peers === rule.from)
          .flatMap(({ peers, family }) =>
            matches(rule).map(
              (match) =>
                `  <rule family="ipv${family}"><source ipset="${setName(peers, family)}"/>${match}<accept/></rule>\n`,
            ),
          ),
  );
  return `${header}<policy priority="-100" target="CONTINUE">
  <short>k3s-cdk</short>
  <ingress-zone name="ANY"/>
  <egress-zone name="HOST"/>
${lines.join('')}</policy>
`;
}

function matches({ protocol, ports }: Traffic): string[] {
  if (protocol === 'vrrp') return ['<protocol value="vrrp"/>'];
  return ports.map((port) => `<port port="${port}" protocol="${protocol}"/>`);
}

/**
 * A zone for packets from pods. Where they arrive like any others, in the owner's zones, so do the nodes' own
 * packets to pods, which need a policy.
 */
function podsFiles(traffic: readonly (PodTraffic & { readonly family: 4 | 6 })[]): Record<string, string> {
  const interfaces = new Set(traffic.flatMap((each) => each.interfaces ?? []));
  const networks = interfaces.size > 0 ? [] : traffic.flatMap((each) => each.networks);
  const members = [
    ...[...interfaces].map((name) => `  <interface name="${name}"/>\n`),
    ...networks.map((network) => `  <source address="${network}"/>\n`),
  ];
  const fromNodes = traffic.flatMap(({ family, networks, nodes }) =>
    networks.map((network) =>
      nodes.length === 0
        ? ''
        : `  <rule family="ipv${family}"><source ipset="${setName('nodes', family)}"/><destination address="${network}"/><accept/></rule>\n`,
    ),
  );
  const rules = fromNodes.join('');
  return {
    'zones.k3s-cdk-pods.xml': `${header}<zone target="ACCEPT">
  <short>k3s-cdk-pods</short>
${members.join('')}</zone>
`,
    ...(rules !== '' && {
      'policies.k3s-cdk-to-pods.xml': `${header}<policy priority="-100" target="CONTINUE">
  <short>k3s-cdk-to-pods</short>
  <ingress-zone name="ANY"/>
  <egress-zone name="ANY"/>
${rules}</policy>
`,
    }),
  };
}

function ipset(type: 'hash:ip' | 'hash:net', family: 4 | 6, addresses: readonly string[]): string {
  return `${header}<ipset type="${type}">
  <option name="family" value="${family === 4 ? 'inet' : 'inet6'}"/>
${addresses.map((address) => `  <entry>${address}</entry>\n`).join('')}</ipset>
`;
}

function setName(peers: Peers, family: 4 | 6): string {
  return `k3s-cdk-${peers}${family}`;
}
