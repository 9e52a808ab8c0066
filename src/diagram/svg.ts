import type { Topology } from '../model/topology';
import { bottom, Canvas, right } from './canvas';
import { drawData } from './data-row';
import { drawEntry } from './entry-row';
import { drawLinks, rowGap } from './links';
import { drawNodes, nodesFrame } from './nodes-frame';
import { wrap } from './text';

const margin = 24;

/**
 * The cluster as a picture: who talks to whom, on which port. A self-contained SVG, light or dark as its
 * reader prefers. The same topology gives the same bytes.
 */
export function diagramSvg(topology: Topology): string {
  const canvas = new Canvas();
  const nodes = nodesFrame(topology, margin);
  const { name, k3s, network } = topology;
  canvas.text(name, [margin, 42], { style: 'heading' });
  canvas.text(
    `k3s ${k3s.version} · pods ${network.pods.join(', ')} · services ${network.services.join(', ')}`,
    [margin, 64],
    { style: 'note', muted: true },
  );

  const api = { x: nodes.servers.x, width: Math.min(280, Math.max(216, nodes.servers.width)) };
  // Between the two runs the agents' way to the API.
  const servicesX = nodes.agents ? nodes.agents.x + 64 : api.x + api.width + 120;
  const services = { x: servicesX, width: margin + nodes.width - 16 - servicesX };
  const entry = drawEntry(canvas, topology, { api, services }, 88);
  const drawn = drawNodes(canvas, nodes, margin, entry.bottom + rowGap);
  const data = drawData(canvas, topology, margin, bottom(drawn.frame) + rowGap + 12) ?? {
    services: [],
    right: right(drawn.frame),
    bottom: bottom(drawn.frame),
  };
  drawLinks(canvas, topology, { entry, nodes: drawn, data });

  const width = Math.max(right(drawn.frame), services.x + services.width, data.right) + margin;
  const footer = wrap(sshSentence(topology), 'note', width - 2 * margin);
  for (const [index, line] of footer.entries())
    canvas.text(line, [margin, data.bottom + 32 + index * 18], { style: 'note', muted: true });
  return canvas.svg(
    { width, height: data.bottom + 32 + footer.length * 18 },
    `Cluster ${name}`,
    `${count(topology.servers.length, 'server')}, ${count(topology.agents.length, 'agent')}; made by k3s-cdk diagram`,
  );
}

/** How Terraform gets to the hosts. */
function sshSentence({ hosts }: Topology): string {
  const unique = (values: readonly string[]) => [...new Set(values)];
  const ports = unique(hosts.map(({ ssh }) => `:${ssh.port}`));
  const users = unique(hosts.map(({ ssh }) => ssh.user));
  const bastions = unique(hosts.flatMap(({ ssh }) => (ssh.bastion ? [ssh.bastion.address] : [])));
  const through = bastions.length > 0 ? `, through ${bastions.join(' or ')}` : '';
  return `Terraform reaches every host by SSH (${ports.join(', ')}) as ${users.join(' or ')}${through}.`;
}

function count(number: number, noun: string): string {
  return `${number === 0 ? 'no' : number} ${noun}${number === 1 ? '' : 's'}`;
}
