import type { Topology } from '../model/topology';
import type { Service } from '../roles/role';
import { dataServices } from '../roles/roles';
import { type Box, type Canvas, centre } from './canvas';
import { lineHeight, shorten, textWidth } from './text';

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

/** Draws the services from the left edge; those of one host stand side by side in its box. */
export function drawData(canvas: Canvas, topology: Topology, x: number, y: number): DrawnData {
  const all = dataServices(topology).map((service) => ({ ...service, notes: notesOf(service, topology) }));
  const height = 66 + Math.max(...all.map(({ notes }) => notes.length)) * lineHeight + 24;
  const services: DrawnService[] = [];
  let left = x;
  for (const [index, service] of all.entries()) {
    const sameHost = index > 0 && all[index - 1]?.host === service.host;
    if (index > 0 && !sameHost) left += gap;
    const box = { x: left, y, width: cardWidth, height };
    const side = all.filter(({ host }) => host === service.host).length;
    if (!sameHost) drawHost(canvas, service, { ...box, width: cardWidth * side });
    drawService(canvas, service, {
      x: left + pad,
      y: y + 34,
      width: cardWidth - 2 * pad,
      height: height - 34 - pad,
    });
    services.push({ service, box });
    left += cardWidth;
  }
  return { services, right: left, bottom: y + height };
}

function notesOf({ host, notes }: Service, { nodes }: Topology): readonly string[] {
  return host && nodes.includes(host) ? [...notes, 'the same machine as above'] : notes;
}

function drawHost(canvas: Canvas, { host, address }: Service, box: Box): void {
  canvas.box(box, host ? 'group' : 'foreign');
  const room = box.width - 2 * pad - 16;
  const shown = shorten(address, 'code', room / 2);
  const name = shorten(host?.name ?? 'external', 'name', room - textWidth(shown, 'code'));
  canvas.text(name, [box.x + pad + 4, box.y + 22], { style: 'name' });
  canvas.text(shown, [box.x + box.width - pad, box.y + 22], { style: 'code', anchor: 'end' });
}

function drawService(canvas: Canvas, { name, port, notes, host }: Service, box: Box): void {
  canvas.box(box, host ? 'data' : 'foreign');
  canvas.text(`${name} :${port}`, [centre(box), box.y + 24], { style: 'name', anchor: 'middle' });
  for (const [index, line] of notes.entries())
    canvas.text(shorten(line, 'note', box.width - 2 * pad), [centre(box), box.y + 44 + index * lineHeight], {
      style: 'note',
      muted: true,
      anchor: 'middle',
    });
}
