import type { Host, Topology } from '../model/topology';
import { podNetwork } from '../roles/k3s/pod-network';
import { runs } from './runs';

/** The cluster as a Mermaid flowchart, for Markdown that renders it. */
export function diagramMermaid(topology: Topology): string {
  const { api, k3s, servers, agents, metallb } = topology;
  const lines = [
    'flowchart TB',
    '  callers(["kubectl, CI, you"])',
    '  clients(["clients in your network"])',
    ...(api.loadBalancer ? [`  api["API: virtual IP<br/>${api.address}"]`] : []),
    `  services["${metallb ? ['MetalLB', ...metallb.pools.map(({ name, addresses }) => `${name}: ${addresses.join(', ')}`)].join('<br/>') : 'ServiceLB'}"]`,
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
  const pods = podNetwork(topology).ports.map((port) => `${port}/udp`);
  return `Nodes: between them ${[...pods, '10250/tcp'].join(', ')}`;
}

/** More hosts of a kind than this are one box with their names. */
const mostBoxes = 6;

function group(id: string, title: string, hosts: readonly Host[]): string[] {
  const boxes =
    hosts.length > mostBoxes
      ? [[...runs(hosts.map(({ name }) => name)), ...runs(hosts.map(({ nodeIps }) => nodeIps[0] ?? ''))]]
      : hosts.map(({ name, nodeIps }) => [name, ...nodeIps]);
  return [
    `    subgraph ${id}["${title}"]`,
    // Names of hosts may be words of Mermaid, so the ids are numbers.
    ...boxes.map((lines, i) => `      ${id}${i}["${lines.join('<br/>')}"]`),
    '    end',
  ];
}

function data({ databases, database, nfs, quorum, storage }: Topology): string[] {
  const { cluster } = database;
  const etcd = quorum.map(({ name }) => name).join(' ');
  const lines = databases.flatMap(({ name, nodeIps }, i) => [
    `  database${i}[("Postgres<br/>${name} ${nodeIps[0]}")]`,
    `  servers -- ":${database.port}, TLS" --> database${i}`,
    ...(cluster && i > 0
      ? [
          `  database0 -- ":${database.port}, Patroni :${cluster.restPort}, etcd :${cluster.etcd.clientPort} :${cluster.etcd.peerPort} on ${etcd}" --> database${i}`,
        ]
      : []),
  ]);
  if (!storage) return lines;
  return [
    ...lines,
    `  nfs[("NFS<br/>${nfs ? `${nfs.host.name} ` : ''}${storage.server}")]`,
    '  nodes -- ":2049" --> nfs',
  ];
}
