import type { Topology } from '../../src/model/topology';
import type { Traffic } from '../../src/roles/role';
import { trafficTo } from '../../src/roles/roles';

/** What the hosts of these clusters let in, each once, as rows of the table of ports: `2049/tcp from nodes on nfs`. */
export function portRows(topologies: readonly Topology[]): string[] {
  const rows = topologies.flatMap((topology) =>
    topology.hosts.flatMap((host) => trafficTo(host, topology).flatMap(rowsOf)),
  );
  return [...new Set(rows)];
}

function rowsOf({ protocol, ports, from, on }: Traffic): string[] {
  const names = ports.length === 0 ? [protocol] : ports.map((port) => `${port}/${protocol}`);
  return names.map((name) => `${name} from ${from} on ${on}`);
}
