import type { Host, Topology } from '../model/topology';
import { trafficBetweenNodes } from '../roles/roles';
import { type Box, type BoxKind, bottom, type Canvas, right } from './canvas';
import { boxesOf, type Card, cardHeight, cardWidth, drawCard, hostCards } from './host-card';
import { lineHeight, wrap } from './text';

const pad = 16;
const cardGap = 12;
/** Between servers and agents: room for an arrow and its port. */
const groupGap = 96;
const innerWidth = 1000;
/** Above the agents there is the box of the services, beside the agents' way to the API. */
const minAgentsWidth = 344;
const minWidth = 760;
/** The frame of all hosts that run k3s, measured; `y` is not known yet. */
export interface NodesFrame {
  readonly width: number;
  readonly height: number;
  readonly servers: Group;
  readonly agents?: Group;
  /** The traffic among all nodes. */
  readonly footer: readonly string[];
}

interface Group {
  readonly title: string;
  readonly kind: BoxKind;
  readonly x: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly cards: readonly Card[];
  readonly cardWidth: number;
  readonly cardHeight: number;
}

/** Measures the frame; its left edge is at `x`. */
export function nodesFrame(topology: Topology, x: number): NodesFrame {
  const { servers, agents } = topology;
  const [serverBoxes, agentBoxes] = [boxesOf(servers, topology), boxesOf(agents, topology)];
  const width = Math.max(150, ...[...serverBoxes, ...agentBoxes].map((box) => cardWidth(box, topology)));
  const columns = Math.floor((innerWidth - groupGap - 4 * pad) / (width + cardGap));
  const [serverColumns, agentColumns] = share(columns, serverBoxes, agentBoxes);

  const serverGroup = group({
    title: 'Control plane',
    kind: 'server',
    x: x + pad,
    columns: serverColumns,
    cards: hostCards(serverBoxes, topology, width, groupWidth(serverColumns, width) - 2 * pad),
    cardWidth: width,
  });
  const agentsX = serverGroup.x + serverGroup.width + groupGap;
  const agentsWidth = Math.max(minAgentsWidth, groupWidth(agentColumns, width));
  const agentWidth = Math.floor((agentsWidth - 2 * pad + cardGap) / agentColumns) - cardGap;
  const agentGroup =
    agents.length === 0
      ? undefined
      : group({
          title: 'Agents',
          kind: 'agent',
          x: agentsX,
          columns: agentColumns,
          cards: hostCards(agentBoxes, topology, agentWidth, agentsWidth - 2 * pad),
          cardWidth: agentWidth,
        });
  const last = agentGroup ?? serverGroup;
  const frameWidth = Math.max(agentGroup ? 0 : minWidth, last.x + last.width + pad - x);
  const footer = wrap(betweenNodes(topology), 'note', frameWidth - 2 * pad - footerIndent);
  const height = Math.max(serverGroup.height, agentGroup?.height ?? 0);
  return {
    width: frameWidth,
    height: 32 + height + 16 + footer.length * lineHeight + 10,
    servers: { ...serverGroup, height },
    ...(agentGroup && { agents: { ...agentGroup, height } }),
    footer,
  };
}

type Boxes = readonly (readonly Host[])[];

/** Columns for servers and for agents that make the fewest rows; servers get theirs first. */
function share(columns: number, servers: Boxes, agents: Boxes): [number, number] {
  // A box with names is better wide than tall.
  const wide = (boxes: Boxes) => boxes.length === 1 && (boxes[0]?.length ?? 0) > 1;
  const [most, mostAgents] = [servers, agents].map((boxes) => (wide(boxes) ? 3 : Math.min(boxes.length, 3)));
  if (agents.length === 0) return [Math.min(most ?? 1, columns), 0];
  const rows = (boxes: Boxes, own: number) => Math.ceil((wide(boxes) ? 2 : boxes.length) / own);
  const ways = [3, 2, 1]
    .filter((own) => own <= (most ?? 1) && own < columns)
    .map((own): [number, number] => [own, Math.min(mostAgents ?? 1, columns - own)]);
  return ways.reduce((best, way) =>
    Math.max(rows(servers, way[0]), rows(agents, way[1])) <
    Math.max(rows(servers, best[0]), rows(agents, best[1]))
      ? way
      : best,
  );
}

/** Keeps the footer clear of the arrow to the database. */
export const footerIndent = 130;

function betweenNodes(topology: Topology): string {
  if (topology.nodes.length === 1) return 'servers run pods too';
  const parts = trafficBetweenNodes(topology).map(({ name, ports, by }) =>
    ports === undefined ? `${name}: by ${by}` : `${name}: ${ports}${by === undefined ? '' : ` (${by})`}`,
  );
  return `between all nodes: ${parts.join(' · ')}`;
}

function group(props: Pick<Group, 'title' | 'kind' | 'x' | 'columns' | 'cards' | 'cardWidth'>): Group {
  const { columns, cards, cardWidth } = props;
  const rows = Math.ceil(cards.length / columns);
  const height = Math.max(...cards.map(cardHeight));
  return {
    ...props,
    width: groupWidth(columns, cardWidth),
    height: 34 + rows * (height + cardGap) - cardGap + pad,
    cardHeight: height,
  };
}

function groupWidth(columns: number, cardWidth: number): number {
  return columns * (cardWidth + cardGap) - cardGap + 2 * pad;
}

/** What arrows start from and end at. */
export interface DrawnNodes {
  readonly frame: Box;
  readonly servers: Box;
  readonly agents?: Box;
}

/** Draws the frame at a place. */
export function drawNodes(canvas: Canvas, nodes: NodesFrame, x: number, y: number): DrawnNodes {
  const frame = { x, y, width: nodes.width, height: nodes.height };
  canvas.box(frame, 'frame');
  canvas.text('Nodes: pods run here', [right(frame) - pad, y + 22], {
    style: 'body',
    muted: true,
    anchor: 'end',
  });
  const servers = drawGroup(canvas, nodes.servers, y + 32);
  const agents = nodes.agents && drawGroup(canvas, nodes.agents, y + 32);
  const firstLine = bottom(frame) - 12 - (nodes.footer.length - 1) * lineHeight;
  for (const [index, line] of nodes.footer.entries())
    canvas.text(line, [x + pad + footerIndent, firstLine + index * lineHeight], {
      style: 'note',
      muted: true,
    });
  return { frame, servers, ...(agents && { agents }) };
}

function drawGroup(canvas: Canvas, group: Group, y: number): Box {
  const box = { x: group.x, y, width: group.width, height: group.height };
  canvas.box(box, 'group');
  canvas.text(group.title, [right(box) - pad, y + 22], { style: 'body', muted: true, anchor: 'end' });
  const single = group.cards.length === 1;
  for (const [index, card] of group.cards.entries()) {
    const column = index % group.columns;
    const row = Math.floor(index / group.columns);
    const cardBox = {
      x: group.x + pad + column * (group.cardWidth + cardGap),
      y: y + 34 + row * (group.cardHeight + cardGap),
      width: single ? group.width - 2 * pad : group.cardWidth,
      height: group.cardHeight,
    };
    drawCard(canvas, card, cardBox, group.kind);
  }
  return box;
}
