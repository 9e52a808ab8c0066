import type { Metallb } from '../model/metallb';
import type { Topology } from '../model/topology';
import { type Box, type BoxKind, bottom, type Canvas, centre } from './canvas';
import { lineHeight, shorten, type TextStyle, wrap } from './text';

/** Lines of a box, the first its heading. */
interface Entry {
  readonly kind: BoxKind;
  readonly title: string;
  readonly lines: readonly { text: string; style: TextStyle }[];
}

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
  const address = apiEntry(topology, api.width - 2 * pad);
  const pools = servicesEntry(topology, services.width - 2 * pad);
  const lines = Math.max(address?.lines.length ?? 0, pools.lines.length);
  const height = 34 + lines * lineHeight;

  const callers = { x: api.x, y, width: api.width, height: actorHeight };
  drawEntryBox(canvas, { kind: 'outside', title: 'kubectl, CI, you', lines: [] }, callers);
  const clients = { x: services.x, y, width: services.width, height: actorHeight };
  const outside = shorten(callersOfServices(topology), 'body', services.width - 2 * pad);
  drawEntryBox(canvas, { kind: 'outside', title: outside, lines: [] }, clients);

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

function apiEntry({ api }: Topology, width: number): Entry | undefined {
  if (!api.loadBalancer) return undefined;
  return {
    kind: 'entry',
    title: 'API: virtual IP',
    lines: [
      { text: shorten(`${api.address} :${api.port}`, 'code', width), style: 'code' },
      ...wrap('held by one ready server (keepalived)', 'note', width).map(note),
    ],
  };
}

function servicesEntry({ metallb }: Topology, width: number): Entry {
  if (!metallb)
    return {
      kind: 'entry',
      title: 'ServiceLB',
      lines: wrap('services of type LoadBalancer get the addresses of the nodes', 'note', width).map(note),
    };
  const ranges = metallb.pools.flatMap(({ name, addresses }) =>
    addresses.map(
      (range) =>
        `${name}: ${range
          .split('-')
          .map((end) => end.trim())
          .join('–')}`,
    ),
  );
  return {
    kind: 'entry',
    title: 'MetalLB: LoadBalancer services',
    lines: [
      ...ranges
        .slice(0, ranges.length > 5 ? 4 : 5)
        .flatMap((range) => [{ text: shorten(range, 'code', width), style: 'code' as const }]),
      ...(ranges.length > 5 ? [note(`and ${ranges.length - 4} more ranges`)] : []),
      ...wrap(announcement(metallb), 'note', width).map(note),
      ...(metallb.serviceLB
        ? wrap('services without a class: ServiceLB, at the nodes', 'note', width).map(note)
        : []),
    ],
  };
}

function announcement({ peers, l2Advertisements }: Metallb): string {
  const ways = [
    ...(l2Advertisements.length > 0 ? ['ARP and NDP in the LAN'] : []),
    ...(peers.length > 0
      ? [`BGP (:${[...new Set(peers.map(({ port }) => port))].join(', :')}) to ${routers(peers)}`]
      : []),
  ];
  return `announced by ${ways.join(', by ')}`;
}

function callersOfServices({ metallb }: Topology): string {
  const peers = metallb?.peers ?? [];
  return peers.length > 0 ? `clients, by way of ${routers(peers)}` : 'clients in your network';
}

/** Their names, when there are few. */
function routers(peers: Metallb['peers']): string {
  return peers.length > 2 ? `${peers.length} routers` : peers.map(({ name }) => name).join(', ');
}

function note(text: string): { text: string; style: TextStyle } {
  return { text, style: 'note' };
}

function drawEntryBox(canvas: Canvas, { kind, title, lines }: Entry, box: Box): void {
  canvas.box(box, kind);
  const x = centre(box);
  canvas.text(title, [x, box.y + 22], { style: kind === 'outside' ? 'body' : 'name', anchor: 'middle' });
  for (const [index, { text, style }] of lines.entries())
    canvas.text(text, [x, box.y + 22 + (index + 1) * lineHeight], {
      style,
      muted: style === 'note',
      anchor: 'middle',
    });
}
