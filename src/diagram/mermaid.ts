import type { Host, Topology } from '../model/topology';
import { dataServices, trafficBetweenNodes } from '../roles/roles';
import { runs } from './runs';

function loadBalancers({ metallb }: Topology): string[] {
  if (!metallb) return ['ServiceLB'];
  const pools = metallb.pools.map(({ name, addresses }) => `${name}: ${addresses.join(', ')}`);
  return ['MetalLB', ...pools, ...(metallb.serviceLB ? ['ServiceLB: the nodes'] : [])];
}

/** The cluster as a Mermaid flowchart, for Markdown that renders it. */
export function diagramMermaid(topology: Topology): string {
  const { api, k3s, servers, agents } = topology;
  const lines = [
    'flowchart TB',
    '  callers(["kubectl, CI, you"])',
    '  clients(["clients in your network"])',
    ...(api.loadBalancer ? [`  api["API: virtual IP<br/>${api.address}"]`] : []),
    `  services["${loadBalancers(topology).join('<br/>')}"]`,
    `  subgraph nodes["${nodesTitle(topology)}"]`,
    ...group('servers', 'Control plane', servers),
    ...(agents.length > 0 ? group('agents', 'Agents', agents) : []),
    '  end',
    ...data(topology),
    ...(api.loadBalancer
      ? [
          `  callers -- ":${api.port}" --> api`,
          `  api -- "haproxy → :${k3s.serverPort}" --> servers`,
          ...(agents.length > 0 ? [`  agents -- "join :${api.port}" --> api`] : []),
        ]
      : [`  callers -- ":${api.port}" --> servers`]),
    ...(agents.length > 0 ? [`  agents -- ":${k3s.serverPort}" --> servers`] : []),
    '  clients --> services --> nodes',
  ];
  return `${lines.join('\n')}\n`;
}

function nodesTitle(topology: Topology): string {
  if (topology.nodes.length === 1) return 'Nodes';
  return `Nodes: between them ${trafficBetweenNodes(topology)
    .map(({ ports }) => ports)
    .join(', ')}`;
}

/** More hosts of a kind than this become one box with their names. */
const maxBoxes = 6;

function group(id: string, title: string, hosts: readonly Host[]): string[] {
  const boxes =
    hosts.length > maxBoxes
      ? [[...runs(hosts.map(({ name }) => name)), ...runs(hosts.map(({ nodeIps }) => nodeIps[0] ?? ''))]]
      : hosts.map(({ name, nodeIps }) => [name, ...nodeIps]);
  return [
    `    subgraph ${id}["${title}"]`,
    // Names of hosts may be words of Mermaid, so the ids are numbers.
    ...boxes.map((lines, i) => `      ${id}${i}["${lines.join('<br/>')}"]`),
    '    end',
  ];
}

function data(topology: Topology): string[] {
  const all = dataServices(topology);
  return all.flatMap(({ role, name, host, address, port, from, by, withFirst }) => {
    const ofRole = all.filter((other) => other.role === role);
    const index = ofRole.findIndex((other) => other.host === host);
    return [
      `  ${role}${index}[("${name}<br/>${host ? `${host.name} ` : ''}${address}")]`,
      `  ${from} -- ":${port}, ${by}" --> ${role}${index}`,
      ...(withFirst !== undefined && index > 0 ? [`  ${role}0 -- "${withFirst}" --> ${role}${index}`] : []),
    ];
  });
}
