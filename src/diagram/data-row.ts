import type { Topology } from '../model/topology';
import type { Service } from '../roles/role';
import { drawLines, type Line, noteLines, wholeText } from './box-text';
import { type Box, type Canvas, right } from './canvas';
import { servicesBesideNodes } from './services';
import { lineHeight, textWidth } from './text';

const cardWidth = 256;
const pad = 12;
const gap = 24;

/** A box of the row. */
export interface DrawnService {
  readonly service: Service;
  readonly box: Box;
}

export interface DrawnData {
  readonly services: readonly DrawnService[];
  readonly right: number;
  readonly bottom: number;
}

/** A machine of the row, measured. */
interface Machine {
  readonly services: readonly Service[];
  readonly width: number;
  readonly heading: readonly Line[];
  /** Beside the heading, if there is room, or below it. */
  readonly address: readonly Line[];
  readonly headingLines: number;
}

/**
 * Draws the services from the left edge; those of one host stand side by side in its box. Undefined when there are
 * none.
 */
export function drawData(canvas: Canvas, topology: Topology, x: number, y: number): DrawnData | undefined {
  const all = servicesBesideNodes(topology);
  if (all.length === 0) return undefined;
  const byMachine = new Map<unknown, Service[]>();
  for (const service of all) {
    const { host, address } = service;
    byMachine.set(host ?? address, [...(byMachine.get(host ?? address) ?? []), service]);
  }
  const machines = [...byMachine.values()].map(machine);
  const top = y + 16 + Math.max(...machines.map(({ headingLines }) => headingLines)) * lineHeight;
  const texts = new Map<Service, Line[]>(all.map((service) => [service, serviceLines(service)]));
  const height = 26 + Math.max(...[...texts.values()].map((lines) => lines.length)) * lineHeight;
  const services: DrawnService[] = [];
  let left = x;
  for (const each of machines) {
    const box = { x: left, y, width: each.width, height: top - y + height + pad };
    drawHost(canvas, each, box);
    for (const [index, service] of each.services.entries()) {
      const column = { x: left + index * cardWidth, y, width: cardWidth, height: box.height };
      const inner = { x: column.x + pad, y: top, width: cardWidth - 2 * pad, height };
      canvas.box(inner, service.host ? 'data' : 'foreign');
      drawLines(canvas, texts.get(service) ?? [], inner, top + 24);
      services.push({ service, box: column });
    }
    left = right(box) + gap;
  }
  return { services, right: left - gap, bottom: top + height + pad };
}

function machine(services: readonly Service[]): Machine {
  const [{ host, address } = { address: '' }] = services;
  const width = services.length * cardWidth;
  const room = width - 2 * pad - 8;
  const heading = wholeText(host?.name ?? 'external', 'name', room);
  const shown = wholeText(address, 'code', room);
  const beside =
    heading.length + shown.length === 2 &&
    textWidth(heading[0]?.text ?? '', 'name') + 16 + textWidth(address, 'code') <= room;
  return {
    services,
    width,
    heading,
    address: shown,
    headingLines: beside ? 1 : heading.length + shown.length,
  };
}

function serviceLines({ name, port, notes }: Service): Line[] {
  return [
    { text: `${name} :${port}`, style: 'name' },
    ...notes.flatMap((note) => noteLines(note, cardWidth - 4 * pad)),
  ];
}

function drawHost(canvas: Canvas, { services, heading, address, headingLines }: Machine, box: Box): void {
  canvas.box(box, services[0]?.host ? 'group' : 'foreign');
  const below = headingLines > 1;
  for (const [index, line] of heading.entries())
    canvas.text(line.text, [box.x + pad + 4, box.y + 22 + index * lineHeight], line);
  for (const [index, line] of address.entries())
    canvas.text(
      line.text,
      [
        below ? box.x + pad + 4 : right(box) - pad,
        box.y + 22 + (below ? heading.length + index : index) * lineHeight,
      ],
      { ...line, anchor: below ? 'start' : 'end' },
    );
}
