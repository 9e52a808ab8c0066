import type { Metallb } from '../../model/metallb';
import { parseRange } from '../../net/address';
import type { Entry, Role } from '../role';
import { memberlistPort } from './ports';

/** Nodes, as far as MetalLB in the cluster needs them. */
export const metallb: Role = {
  name: 'metallb',
  isOn: (host, topology) => host.kind !== 'none' && topology.metallb !== undefined,
  traffic: () =>
    (['tcp', 'udp'] as const).map((protocol) => ({
      protocol,
      ports: [memberlistPort],
      from: 'subnets',
      on: 'node',
      between: { name: 'MetalLB' },
    })),
  entries: ({ metallb }) => (metallb ? [poolsOf(metallb)] : []),
};

function poolsOf(metallb: Metallb): Entry {
  const { pools, peers, serviceLB } = metallb;
  return {
    ...{ to: 'services', title: 'MetalLB: LoadBalancer services' },
    ...(peers.length > 0 && { callers: `clients, by way of ${routers(peers)}` }),
    addresses: pools.flatMap(({ name, addresses }) =>
      addresses.map(
        (range) =>
          `${name}: ${range
            .split('-')
            .map((end) => end.trim())
            .join('–')}`,
      ),
    ),
    notes: [
      announcement(metallb),
      ...(serviceLB ? ['services without a class: ServiceLB, at the nodes'] : []),
    ],
  };
}

/** IPv4 is announced by ARP, IPv6 by NDP. */
const protocols = { 4: 'ARP', 6: 'NDP' } as const;

function announcement(metallb: Metallb): string {
  const { peers } = metallb;
  const families = ([4, 6] as const).filter((family) => announcedInLan(metallb).includes(family));
  const ways = [
    ...(families.length > 0
      ? [`${families.map((family) => protocols[family]).join(' and ')} in the LAN`]
      : []),
    ...(peers.length > 0
      ? [`BGP (:${[...new Set(peers.map(({ port }) => port))].join(', :')}) to ${routers(peers)}`]
      : []),
  ];
  return ways.length > 0 ? `announced by ${ways.join(', by ')}` : 'announced by nothing';
}

/** Families of the pools that are announced by L2. Any pool may have what a selector looks for. */
function announcedInLan({ pools, l2Advertisements }: Metallb): (4 | 6 | undefined)[] {
  return l2Advertisements
    .flatMap(({ pools: names, poolSelectors }) =>
      names.length > 0 && poolSelectors.length === 0
        ? pools.filter(({ name }) => names.includes(name))
        : pools,
    )
    .flatMap(({ addresses }) => addresses.map((range) => parseRange(range)?.family));
}

/** Their names, when there are few. */
function routers(peers: Metallb['peers']): string {
  return peers.length > 2 ? `${peers.length} routers` : peers.map(({ name }) => name).join(', ');
}
