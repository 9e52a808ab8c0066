import type { Host, Topology } from '../model/topology';
import type { Service } from '../roles/role';
import { programsOn } from '../roles/roles';
import { drawLines, type Line, noteLines, wholeText } from './box-text';
import type { Box, BoxKind, Canvas } from './canvas';
import { runs } from './runs';
import { reachedBy, servicesOn } from './services';
import { fillLines, lineHeight, textWidth, widest } from './text';

const cardPad = 12;
/** Of the boxes in a card. */
const innerPad = 8;
/** More hosts of a kind than this become one box with their names. */
export const maxCards = 6;

/** A host, or several: what stands in a box. */
export interface Card {
  readonly lines: readonly Line[];
  /** What keeps data on it, a box in the box each. */
  readonly services: readonly (readonly Line[])[];
}

/** The card of a host is as wide as its texts, up to what an IPv4 address and a name of some length need. */
export function cardWidth(host: Host, topology: Topology): number {
  const services = servicesOn([host], topology);
  const ofServices = services.map(({ name, port, notes }) =>
    Math.max(textWidth(serviceTitle(name, port), 'name'), widest(notes, 'note')),
  );
  const text = Math.max(
    textWidth(host.name, 'name'),
    widest(host.nodeIps, 'code'),
    widest(programsOn(host, topology), 'note'),
    ...ofServices.map((width) => width + 2 * innerPad),
  );
  return Math.min(text, 176) + 2 * cardPad;
}

const serviceTitle = (name: string, port: number) => `${name} :${port}`;

/**
 * A card for each host, or one for all of them.
 *
 * @param width of a card among others
 * @param widthAlone of the only one
 */
export function hostCards(
  hosts: readonly Host[],
  topology: Topology,
  width: number,
  widthAlone: number,
): readonly Card[] {
  const room = (hosts.length === 1 || hosts.length > maxCards ? widthAlone : width) - 2 * cardPad;
  if (hosts.length > maxCards) return [crowd(hosts, topology, room)];
  return hosts.map((host) => ({
    lines: [
      ...wholeText(host.name, 'name', room),
      ...host.nodeIps.flatMap((address) => wholeText(address, 'code', room)),
      ...programsOn(host, topology).flatMap((program) => noteLines(program, room)),
    ],
    services: servicesOn([host], topology).map((service) => serviceLines(service, service.notes, room)),
  }));
}

/** So many hosts that their names and addresses are abbreviated; pointing at the number shows all. */
function crowd(hosts: readonly Host[], topology: Topology, room: number): Card {
  const addresses = fillLines(runs(hosts.map(({ nodeIps }) => nodeIps[0] ?? '')), 'code', room, 4);
  const names = fillLines(runs(hosts.map(({ name }) => name)), 'note', room, 6);
  const title = hosts.map(({ name, nodeIps }) => [name, ...nodeIps].join(' ')).join('\n');
  const withProgram = new Map<string, string[]>();
  for (const host of hosts)
    for (const program of programsOn(host, topology))
      withProgram.set(program, [...(withProgram.get(program) ?? []), host.name]);
  const programs = [...withProgram].map(([program, on]) =>
    on.length === hosts.length ? `each: ${program}` : `${program} on ${runs(on).join(', ')}`,
  );
  return {
    lines: [
      { text: `${hosts.length} hosts`, style: 'name', title },
      ...addresses.map((text): Line => ({ text, style: 'code', title })),
      ...names.map((text): Line => ({ text, style: 'note', title })),
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
