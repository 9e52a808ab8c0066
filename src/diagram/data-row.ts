import type { Host, Topology } from '../model/topology';
import { type Box, type Canvas, centre } from './canvas';
import { lineHeight, shorten, textWidth } from './text';

const cardWidth = 256;
const pad = 12;
const gap = 24;

/** One service that keeps data, on a host of the cluster or elsewhere. */
interface Service {
  readonly use: 'database' | 'nfs';
  readonly host: string;
  readonly address: string;
  readonly title: string;
  readonly notes: readonly string[];
  /** Not one of the hosts. */
  readonly foreign: boolean;
}

export interface DrawnData {
  readonly databases: readonly Box[];
  readonly nfs?: Box;
  readonly right: number;
  readonly bottom: number;
}

/** Databases first, NFS last, so that the arrows from the nodes do not cross. */
function services(topology: Topology): Service[] {
  const { databases, nfs, storage, database, quorum } = topology;
  const { cluster } = database;
  const together = cluster
    ? [
        `Patroni :${cluster.restPort}, decided by`,
        `etcd :${cluster.etcd.clientPort} :${cluster.etcd.peerPort} on ${quorum.length} hosts`,
      ]
    : [];
  const of = (host: Host) => ({ host: host.name, address: host.nodeIps[0] ?? host.address, foreign: false });
  // A host that is NFS server too comes last, beside its NFS.
  const ordered = [...databases].sort((a, b) => Number(a === nfs?.host) - Number(b === nfs?.host));
  const again = (host: Host) => (topology.nodes.includes(host) ? ['the same machine as above'] : []);
  const found: Service[] = ordered.map((host) => ({
    ...of(host),
    use: 'database',
    title: `Postgres :${database.port}`,
    notes: ['in a rootless container', database.dataDir, ...together, ...again(host)],
  }));
  if (!storage) return found;
  const nfsService = {
    use: 'nfs' as const,
    title: 'NFS :2049',
    notes: [storage.path, `StorageClass ${storage.storageClass}`],
  };
  return [
    ...found,
    nfs
      ? { ...nfsService, ...of(nfs.host), notes: [...nfsService.notes, ...again(nfs.host)] }
      : { ...nfsService, host: 'external', address: storage.server, foreign: true },
  ];
}

/** Draws the services from the left edge; those of one host stand side by side in its box. */
export function drawData(canvas: Canvas, topology: Topology, x: number, y: number): DrawnData {
  const all = services(topology);
  const height = 66 + Math.max(...all.map(({ notes }) => notes.length)) * lineHeight + 24;
  const boxes: { use: Service['use']; box: Box }[] = [];
  let left = x;
  for (const [index, service] of all.entries()) {
    const sameHost = all[index - 1]?.host === service.host;
    if (index > 0 && !sameHost) left += gap;
    const box = { x: left, y, width: cardWidth, height };
    if (!sameHost) drawHost(canvas, service, { ...box, width: cardWidth * countOf(all, service) });
    drawService(canvas, service, {
      x: left + pad,
      y: y + 34,
      width: cardWidth - 2 * pad,
      height: height - 34 - pad,
    });
    boxes.push({ use: service.use, box });
    left += cardWidth;
  }
  const nfs = boxes.find(({ use }) => use === 'nfs')?.box;
  return {
    databases: boxes.filter(({ use }) => use === 'database').map(({ box }) => box),
    ...(nfs && { nfs }),
    right: left,
    bottom: y + height,
  };
}

function countOf(all: readonly Service[], { host }: Service): number {
  return all.filter((service) => service.host === host).length;
}

function drawHost(canvas: Canvas, { host, address, foreign }: Service, box: Box): void {
  canvas.box(box, foreign ? 'foreign' : 'group');
  const room = box.width - 2 * pad - 16;
  const shown = shorten(address, 'code', room / 2);
  canvas.text(shorten(host, 'name', room - textWidth(shown, 'code')), [box.x + pad + 4, box.y + 22], {
    style: 'name',
  });
  canvas.text(shown, [box.x + box.width - pad, box.y + 22], { style: 'code', anchor: 'end' });
}

function drawService(canvas: Canvas, { title, notes, foreign }: Service, box: Box): void {
  canvas.box(box, foreign ? 'foreign' : 'data');
  canvas.text(title, [centre(box), box.y + 24], { style: 'name', anchor: 'middle' });
  for (const [index, line] of notes.entries())
    canvas.text(shorten(line, 'note', box.width - 2 * pad), [centre(box), box.y + 44 + index * lineHeight], {
      style: 'note',
      muted: true,
      anchor: 'middle',
    });
}
