import type { Topology } from '../model/topology';
import { entryTo } from '../roles/roles';
import { bottom, type Canvas, centre, right } from './canvas';
import type { DrawnData } from './data-row';
import type { DrawnEntry } from './entry-row';
import type { DrawnNodes } from './nodes-frame';

/** Between the rows: room for arrows and their ports. */
export const rowGap = 64;

interface Rows {
  readonly entry: DrawnEntry;
  readonly nodes: DrawnNodes;
  readonly data: DrawnData;
}

/** Draws the arrows between the rows. Each has its own route, so none crosses another. */
export function drawLinks(canvas: Canvas, topology: Topology, { entry, nodes, data }: Rows): void {
  const { api, k3s } = topology;
  const { frame, servers, agents } = nodes;
  const port = { style: 'code' } as const;
  const note = { style: 'note', muted: true } as const;

  // Callers or the virtual IP → servers.
  const down = centre(entry.api);
  canvas.arrow([
    [down, bottom(entry.api)],
    [down, servers.y],
  ]);
  const toApi = entryTo('api', topology);
  const onward = toApi?.onward ?? [];
  for (const [index, line] of onward.entries())
    canvas.text(line, [down + 8, frame.y - 14 - 16 * (onward.length - 1 - index)], note);
  if (!toApi) canvas.text(`:${api.port}`, [down + 8, frame.y - 14], port);

  // Pools → all nodes.
  canvas.arrow([
    [centre(entry.services), bottom(entry.services)],
    [centre(entry.services), frame.y],
  ]);

  if (agents) {
    const y = Math.round(servers.y + servers.height / 2);
    canvas.arrow([
      [agents.x, y],
      [right(servers), y],
    ]);
    canvas.text(`:${k3s.serverPort}`, [Math.round((right(servers) + agents.x) / 2), y - 8], {
      ...port,
      anchor: 'middle',
    });
    if (toApi) {
      const x = agents.x + 24;
      const across = entry.api.y + 22;
      canvas.arrow([
        [x, agents.y],
        [x, across],
        [right(entry.api), across],
      ]);
      canvas.text('agents join', [x - 8, across - 8], { ...note, anchor: 'end' });
    }
  }

  drawDataLinks(canvas, nodes, data);
}

/** Servers and all nodes → what keeps data. */
function drawDataLinks(canvas: Canvas, { frame, servers }: DrawnNodes, { services }: DrawnData): void {
  const label = (x: number, ports: string, by: string) => {
    canvas.text(ports, [x + 8, bottom(frame) + 22], { style: 'code' });
    canvas.text(by, [x + 8, bottom(frame) + 40], { style: 'note', muted: true });
  };
  const ofServers = services.filter(({ service }) => service.from === 'servers');
  const [first] = ofServers;
  if (first) {
    const trunk = centre(first.box);
    const turn = frame.y + frame.height + rowGap - 16;
    for (const { box } of ofServers)
      canvas.arrow(
        centre(box) === trunk
          ? [
              [trunk, bottom(servers)],
              [trunk, box.y],
            ]
          : [
              [trunk, turn],
              [centre(box), turn],
              [centre(box), box.y],
            ],
      );
    const ports = [...new Set(ofServers.map(({ service }) => `:${service.port}`))].join(' ');
    label(trunk, ports, first.service.by);
  }
  for (const { service, box } of services.filter(({ service }) => service.from === 'nodes')) {
    const x = centre(box);
    canvas.arrow([
      [x, bottom(frame)],
      [x, box.y],
    ]);
    label(x, `:${service.port}`, service.by);
  }
}
