import type { Host, Topology } from '../model/topology';
import { urlHost } from '../net/address';
import { dataServices } from '../roles/roles';

interface Branch {
  readonly title: string;
  /** Name, and where it is. */
  readonly leaves: readonly (readonly [name: string, address: string])[];
}

/** More hosts of a kind than this would push the rest off the screen. */
const maxLeaves = 8;

/** The cluster as a small drawing for a terminal: what is reached where, and by which hosts. */
export function diagramTree(topology: Topology): string[] {
  const all = branches(topology).filter(({ title, leaves }) => leaves.length > 0 || title.includes(':'));
  const width = Math.max(...all.flatMap(({ leaves }) => leaves.map(([name]) => name.length)));
  return [
    topology.name,
    ...all.flatMap(({ title, leaves }, index) => {
      const isLast = index === all.length - 1;
      const shown = leaves.length > maxLeaves ? leaves.slice(0, maxLeaves - 1) : leaves;
      const rows = shown.map(([name, address]) => `${name.padEnd(width)}  ${address}`);
      if (shown.length < leaves.length) rows.push(`… and ${leaves.length - shown.length} more`);
      return [
        `${isLast ? '└─' : '├─'} ${title}`,
        ...rows.map((row, i) => `${isLast ? ' ' : '│'}  ${i === rows.length - 1 ? '└─' : '├─'} ${row}`),
      ];
    }),
  ];
}

function branches(topology: Topology): Branch[] {
  const { api, servers, agents, metallb } = topology;
  const place = (host: Host) => [host.name, host.nodeIps.join(', ')] as const;
  const kind = api.loadBalancer ? ', a virtual IP in front of' : '';
  const pools = metallb?.pools.flatMap(({ addresses }) => addresses) ?? [];
  return [
    { title: `API: ${urlHost(api.address)}:${api.port}${kind}`, leaves: servers.map(place) },
    { title: 'agents', leaves: agents.map(place) },
    ...dataBranches(topology),
    ...pools
      .slice(0, maxLeaves)
      .map((range) => ({ title: `services of type LoadBalancer: ${range}`, leaves: [] })),
  ];
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
