import { hostGroups, nameList, nameRanges, nameStems } from '../model/host-groups';
import type { Host, Topology } from '../model/topology';
import type { Service } from '../roles/role';
import { programsOn } from '../roles/roles';
import { drawLines, type Line, noteLines, wholeText } from './box-text';
import type { Box, BoxKind, Canvas } from './canvas';
import { reachedBy, servicesOn } from './services';
import { fillLines, lineHeight, textWidth, widest } from './text';

const cardPad = 12;
/** Of the boxes in a card. */
const innerPad = 8;
/** More hosts of a kind than this share boxes. */
const maxCards = 6;

/** A host, or several: what stands in a box. */
export interface Card {
  readonly lines: readonly Line[];
  /** What keeps data on it, a box in the box each. */
  readonly services: readonly (readonly Line[])[];
}

/** A card is as wide as its texts, up to what an IPv4 address and a name of some length need. */
export function cardWidth(hosts: readonly Host[], topology: Topology): number {
  const services = servicesOn(hosts, topology);
  const ofServices = services.map(({ name, port, notes }) =>
    Math.max(textWidth(serviceTitle(name, port), 'name'), widest(notes, 'note')),
  );
  const programs = new Set(hosts.flatMap((host) => programsOn(host, topology)));
  const text = Math.max(
    widest(nameRanges(hosts.map(({ name }) => name)), 'name'),
    widest(nameRanges(hosts.flatMap(({ nodeIps }) => nodeIps)), 'code'),
    widest([...programs], 'note'),
    ...ofServices.map((width) => width + 2 * innerPad),
  );
  return Math.min(text, 176) + 2 * cardPad;
}

const serviceTitle = (name: string, port: number) => `${name} :${port}`;

/**
 * Hosts of a kind that share a box: each has its own, up to `maxCards`; of more, those whose names differ in a number
 * and that run the same, or all of them if that still makes too many boxes.
 */
export function boxesOf(hosts: readonly Host[], topology: Topology): readonly (readonly Host[])[] {
  const stems = nameStems(hosts.map(({ name }) => name));
  const groups = hostGroups(hosts, maxCards, (host) =>
    [stems.get(host.name), ...programsOn(host, topology)].join('\n'),
  );
  return groups.length > maxCards ? [hosts] : groups;
}

/** `agent[01-40]`, `40 agents`, their addresses and what runs on them: what is said of hosts that share a box. */
export function crowdTexts(hosts: readonly Host[], topology: Topology) {
  const withProgram = new Map<string, string[]>();
  for (const host of hosts)
    for (const program of programsOn(host, topology)) {
      const on = withProgram.get(program);
      if (on) on.push(host.name);
      else withProgram.set(program, [host.name]);
    }
  return {
    names: nameRanges(hosts.map(({ name }) => name)),
    count: `${hosts.length} ${hosts[0]?.kind === 'server' ? 'servers' : 'agents'}`,
    addresses: nameRanges(hosts.map(({ nodeIps }) => nodeIps[0] ?? '')),
    programs: [...withProgram].map(([program, on]) =>
      on.length === hosts.length ? `each: ${program}` : `${program} on ${nameList(on)}`,
    ),
  };
}

/**
 * A card for each box.
 *
 * @param width of a card among others
 * @param widthAlone of the only one
 */
export function hostCards(
  boxes: readonly (readonly Host[])[],
  topology: Topology,
  width: number,
  widthAlone: number,
): readonly Card[] {
  const room = (boxes.length === 1 ? widthAlone : width) - 2 * cardPad;
  return boxes.map((hosts) => {
    const [host] = hosts;
    if (!host || hosts.length > 1) return crowd(hosts, topology, room);
    return {
      lines: [
        ...wholeText(host.name, 'name', room),
        ...host.nodeIps.flatMap((address) => wholeText(address, 'code', room)),
        ...programsOn(host, topology).flatMap((program) => noteLines(program, room)),
      ],
      services: servicesOn([host], topology).map((service) => serviceLines(service, service.notes, room)),
    };
  });
}

/** So many hosts that their names and addresses are abbreviated; pointing at the number shows all. */
function crowd(hosts: readonly Host[], topology: Topology, room: number): Card {
  const { names, count, addresses, programs } = crowdTexts(hosts, topology);
  const title = hosts.map(({ name, nodeIps }) => [name, ...nodeIps].join(' ')).join('\n');
  const lines = (texts: readonly string[], style: Line['style'], most: number) =>
    fillLines(texts, style, room, most).map((text): Line => ({ text, style }));
  return {
    lines: [
      ...lines(names, 'name', 4),
      { text: count, style: 'note', title },
      ...lines(addresses, 'code', 4),
      ...programs.flatMap((program) => noteLines(program, room)),
    ],
    services: servicesOn(hosts, topology).map((service) =>
      serviceLines(service, [`on ${service.host?.name}`, ...service.notes], room),
    ),
  };
}

function serviceLines(service: Service, notes: readonly string[], room: number): Line[] {
  return [
    ...wholeText(serviceTitle(service.name, service.port), 'name', room - 2 * innerPad),
    ...[...notes, ...reachedBy(service)].flatMap((note) => noteLines(note, room - 2 * innerPad)),
  ];
}

export function cardHeight({ lines, services }: Card): number {
  const boxes = services.map((each) => serviceHeight(each) + innerPad);
  return lines.length * lineHeight + 18 + boxes.reduce((sum, height) => sum + height, 0);
}

function serviceHeight(lines: readonly Line[]): number {
  return lines.length * lineHeight + 14;
}

export function drawCard(canvas: Canvas, { lines, services }: Card, box: Box, kind: BoxKind): void {
  canvas.box(box, kind);
  drawLines(canvas, lines, box, box.y + 22);
  let y = box.y + 14 + lines.length * lineHeight;
  for (const service of services) {
    const inner = { x: box.x + cardPad, y, width: box.width - 2 * cardPad, height: serviceHeight(service) };
    canvas.box(inner, 'data');
    drawLines(canvas, service, inner, y + 20);
    y += inner.height + innerPad;
  }
}
