import type { Topology } from '../model/topology';
import type { Entry } from '../roles/role';
import { entryTo } from '../roles/roles';
import { drawLines, type Line, noteLines, wholeText } from './box-text';
import { type Box, bottom, type Canvas, centre } from './canvas';
import { lineHeight, shorten } from './text';

/** More addresses than this say less than their number. */
const maxAddresses = 5;

const actorHeight = 34;
const actorGap = 40;
const pad = 12;

/** Where the boxes of the row are between the left edge and the right. */
export interface EntryColumns {
  /** The way to the API, above the servers. */
  readonly api: { readonly x: number; readonly width: number };
  /** The way to the services, beside it. */
  readonly services: { readonly x: number; readonly width: number };
}

export interface DrawnEntry {
  /** The virtual IP; without one, who calls the API. */
  readonly api: Box;
  readonly services: Box;
  readonly bottom: number;
}

/** Draws the clients outside, and the addresses that they connect to. */
export function drawEntry(
  canvas: Canvas,
  topology: Topology,
  { api, services }: EntryColumns,
  y: number,
): DrawnEntry {
  const boxY = y + actorHeight + actorGap;
  const [toApi, toServices] = [entryTo('api', topology), entryTo('services', topology)];
  const address = toApi && entryLines(toApi, api.width - 2 * pad);
  const pools = toServices ? entryLines(toServices, services.width - 2 * pad) : [];
  const height = 16 + Math.max(address?.length ?? 0, pools.length) * lineHeight;

  const callers = { x: api.x, y, width: api.width, height: actorHeight };
  drawCaller(canvas, 'kubectl, CI, you', callers);
  const clients = { x: services.x, y, width: services.width, height: actorHeight };
  drawCaller(canvas, toServices?.callers ?? 'clients in your network', clients);

  const pool = { x: services.x, y: boxY, width: services.width, height };
  drawEntryBox(canvas, pools, pool);
  canvas.arrow([
    [centre(clients), bottom(clients)],
    [centre(pool), pool.y],
  ]);
  canvas.text('services', [centre(pool) + 8, boxY - actorGap / 2 + 4], { style: 'note', muted: true });
  if (!address) return { api: callers, services: pool, bottom: bottom(pool) };

  const virtualIp = { x: api.x, y: boxY, width: api.width, height };
  drawEntryBox(canvas, address, virtualIp);
  canvas.arrow([
    [centre(callers), bottom(callers)],
    [centre(virtualIp), virtualIp.y],
  ]);
  canvas.text(`:${topology.api.port}`, [centre(virtualIp) + 8, boxY - actorGap / 2 + 4], { style: 'code' });
  return { api: virtualIp, services: pool, bottom: bottom(pool) };
}

function entryLines({ title, addresses, notes }: Entry, width: number): Line[] {
  const shown = addresses.length > maxAddresses ? addresses.slice(0, maxAddresses - 1) : addresses;
  const left = addresses.length - shown.length;
  return [
    { text: title, style: 'name' },
    ...shown.flatMap((address) => wholeText(address, 'code', width)),
    ...(left > 0 ? [{ text: `and ${left} more`, style: 'note', title: addresses.join('\n') } as const] : []),
    ...notes.flatMap((sentence) => noteLines(sentence, width)),
  ];
}

function drawCaller(canvas: Canvas, text: string, box: Box): void {
  canvas.box(box, 'outside');
  const shown = shorten(text, 'body', box.width - 2 * pad);
  canvas.text(shown, [centre(box), box.y + 22], { style: 'body', anchor: 'middle', title: text });
}

function drawEntryBox(canvas: Canvas, lines: readonly Line[], box: Box): void {
  canvas.box(box, 'entry');
  drawLines(canvas, lines, box, box.y + 22);
}
