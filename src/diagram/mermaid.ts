import type { Host, Topology } from '../model/topology';
import type { Entry, Service } from '../roles/role';
import { entryTo, programsOn, trafficBetweenNodes } from '../roles/roles';
import { boxesOf, crowdTexts } from './host-card';
import { reachedBy, servicesBesideNodes, servicesOn } from './services';

/** The cluster as a Mermaid flowchart, for Markdown that renders it. */
export function diagramMermaid(topology: Topology): string {
  const { api, k3s, servers, agents } = topology;
  const [toApi, toServices] = [entryTo('api', topology), entryTo('services', topology)];
  const lines = [
    'flowchart TB',
    '  callers(["kubectl, CI, you"])',
    `  clients(["${toServices?.callers ?? 'clients in your network'}"])`,
    ...(toApi ? [`  api["${entryText(toApi)}"]`] : []),
    ...(toServices ? [`  services["${entryText(toServices)}"]`] : []),
    `  subgraph nodes["${nodesTitle(topology)}"]`,
    ...group('servers', 'Control plane', servers, topology),
    ...(agents.length > 0 ? group('agents', 'Agents', agents, topology) : []),
    '  end',
    ...data(topology),
    ...(toApi
      ? [
          `  callers -- ":${api.port}" --> api`,
          `  api -- "${(toApi.onward ?? []).join(' ')}" --> servers`,
          ...(agents.length > 0 ? [`  agents -- "join :${api.port}" --> api`] : []),
        ]
      : [`  callers -- ":${api.port}" --> servers`]),
    ...(agents.length > 0 ? [`  agents -- ":${k3s.serverPort}" --> servers`] : []),
    toServices ? '  clients --> services --> nodes' : '  clients --> nodes',
  ];
  return `${lines.join('\n')}\n`;
}

function entryText({ title, addresses, notes }: Entry): string {
  return [title, ...addresses, ...notes].join('<br/>');
}

function nodesTitle(topology: Topology): string {
  if (topology.nodes.length === 1) return 'Nodes';
  return `Nodes: between them ${trafficBetweenNodes(topology)
    .flatMap(({ ports }) => ports ?? [])
    .join(', ')}`;
}

function group(id: string, title: string, hosts: readonly Host[], topology: Topology): string[] {
  const boxes = boxesOf(hosts, topology).map((box) => {
    const [host] = box;
    const services = servicesOn(box, topology);
    if (host && box.length === 1)
      return [host.name, ...host.nodeIps, ...programsOn(host, topology), ...services.map(serviceText)];
    const { names, count, addresses, programs } = crowdTexts(box, topology);
    return [
      ...names,
      count,
      ...addresses,
      ...programs,
      ...services.map((service) => `${service.host?.name}: ${serviceText(service)}`),
    ];
  });
  return [
    `    subgraph ${id}["${title}"]`,
    // Names of hosts may be words of Mermaid, so the ids are numbers.
    ...boxes.map((lines, i) => `      ${id}${i}["${lines.join('<br/>')}"]`),
    '    end',
  ];
}

/** On a node: Mermaid draws no arrow from a group to a box in it. */
function serviceText(service: Service): string {
  return `${service.name} :${service.port} (${reachedBy(service).join(' ')})`;
}

function data(topology: Topology): string[] {
  const all = servicesBesideNodes(topology);
  return all.flatMap(({ role, name, host, address, port, from, by, withFirst }) => {
    const ofRole = all.filter((other) => other.role === role);
    const index = ofRole.findIndex((other) => other.address === address);
    const id = role.replaceAll('-', '_');
    return [
      `  ${id}${index}[("${name}<br/>${host ? `${host.name} ` : ''}${address}")]`,
      `  ${from} -- ":${port}, ${by}" --> ${id}${index}`,
      ...(withFirst !== undefined && index > 0 ? [`  ${id}0 -- "${withFirst}" --> ${id}${index}`] : []),
    ];
  });
}
