import { hostGroups, nameList, nameStems } from '../model/host-groups';
import type { Host, Topology } from '../model/topology';
import { urlHost } from '../net/address';
import type { Entry } from '../roles/role';
import { dataServices, entryTo } from '../roles/roles';

interface Branch {
  readonly title: string;
  /** Name, and where it is. */
  readonly leaves: readonly (readonly [name: string, address: string])[];
}

/** More hosts of a kind than this, those whose names differ in a number share a line. */
const maxLeaves = 8;

/** Of a line, for names and for addresses. */
const listWidth = 32;

/** The cluster as a small drawing for a terminal: what is reached where, and by which hosts. */
export function diagramTree(topology: Topology): string[] {
  const all = branches(topology).map(({ title, leaves }) => ({ title, rows: rowsOf(leaves) }));
  const width = Math.max(
    ...all.flatMap(({ rows }) => rows.map(([name, address]) => (address ? name.length : 0))),
  );
  return [
    topology.name,
    ...all.flatMap(({ title, rows }, index) => {
      const isLast = index === all.length - 1;
      return [
        `${isLast ? '└─' : '├─'} ${title}`,
        ...rows.map(([name, address], i) =>
          `${isLast ? ' ' : '│'}  ${i === rows.length - 1 ? '└─' : '├─'} ${name.padEnd(width)}  ${address}`.trimEnd(),
        ),
      ];
    }),
  ];
}

function rowsOf(leaves: Branch['leaves']): Branch['leaves'] {
  const stems = nameStems(leaves.map(([name]) => name));
  const groups = hostGroups(leaves, maxLeaves, ([name]) => stems.get(name) ?? '');
  const list = (texts: readonly string[]) => nameList(texts, { width: listWidth });
  return (groups.length > maxLeaves ? [leaves] : groups).map((alike) =>
    alike.length === 1 && alike[0]
      ? alike[0]
      : [list(alike.map(([name]) => name)), list(alike.map(([, address]) => address))],
  );
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
