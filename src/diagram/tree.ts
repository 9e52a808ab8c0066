import type { Host, Topology } from '../model/topology';
import { urlHost } from '../net/address';
import type { Entry } from '../roles/role';
import { dataServices, entryTo } from '../roles/roles';

interface Branch {
  readonly title: string;
  /** Name, and where it is. */
  readonly leaves: readonly (readonly [name: string, address: string])[];
}

/** More hosts of a kind than this would push the rest off the screen. */
const maxLeaves = 8;

/** The cluster as a small drawing for a terminal: what is reached where, and by which hosts. */
export function diagramTree(topology: Topology): string[] {
  const all = branches(topology);
  const width = Math.max(...topology.hosts.map(({ name }) => name.length));
  return [
    topology.name,
    ...all.flatMap(({ title, leaves }, index) => {
      const isLast = index === all.length - 1;
      const shown = leaves.length > maxLeaves ? leaves.slice(0, maxLeaves - 1) : leaves;
      const rows = shown.map(([name, address]) => `${name.padEnd(width)}  ${address}`.trimEnd());
      if (shown.length < leaves.length) rows.push(`… and ${leaves.length - shown.length} more`);
      return [
        `${isLast ? '└─' : '├─'} ${title}`,
        ...rows.map((row, i) => `${isLast ? ' ' : '│'}  ${i === rows.length - 1 ? '└─' : '├─'} ${row}`),
      ];
    }),
  ];
}

function branches(topology: Topology): Branch[] {
  const { api, servers, agents } = topology;
  const [toApi, toServices] = [entryTo('api', topology), entryTo('services', topology)];
  const place = (host: Host) => [host.name, host.nodeIps.join(', ')] as const;
  const direct = `API: ${urlHost(api.address)} :${api.port}`;
  return [
    {
      title: toApi ? `${toApi.title} ${toApi.addresses.join(', ')}` : direct,
      leaves: servers.map(place),
    },
    ...(agents.length > 0 ? [{ title: 'agents', leaves: agents.map(place) }] : []),
    ...dataBranches(topology),
    ...(toServices ? [servicesBranch(toServices)] : []),
  ];
}

function servicesBranch({ title, addresses, notes }: Entry): Branch {
  return addresses.length > 0
    ? { title, leaves: addresses.map((range) => [range, ''] as const) }
    : { title: [title, ...notes].join(': '), leaves: [] };
}

/** Services on the same hosts together. */
function dataBranches(topology: Topology): Branch[] {
  const byPlaces = new Map<string, { names: string[]; leaves: (readonly [string, string])[] }>();
  const services = dataServices(topology);
  for (const name of new Set(services.map((service) => service.name))) {
    const leaves = services
      .filter((service) => service.name === name)
      .map(({ host, address }) => [host?.name ?? address, host ? address : 'outside the cluster'] as const);
    const key = JSON.stringify(leaves);
    const known = byPlaces.get(key);
    if (known) known.names.push(name);
    else byPlaces.set(key, { names: [name], leaves });
  }
  return [...byPlaces.values()].map(({ names, leaves }) => ({ title: names.join(', '), leaves }));
}
