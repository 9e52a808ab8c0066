import type { Host, Topology } from '../../model/topology';
import { count } from '../../status/figures';
import type { Pending } from '../../upkeep/machines';
import { table } from '../table';

/** What is pending, for people: a row for each host that has something to do. @param asked number of hosts */
export function pendingLines(todo: ReadonlyMap<Host, Pending>, asked: number): string[] {
  const idle = asked - todo.size;
  const rows = [...todo].map(([{ name }, { packages, reboot, cordon }]) => [
    name,
    packages.length === 0 ? '-' : `${packages.length}`,
    reboot ?? (cordon === 'ours' ? 'cordoned by an update that did not end' : '-'),
  ]);
  return [
    ...(rows.length > 0 ? table([['HOST', 'PACKAGES', 'REBOOT'], ...rows]) : []),
    ...(idle > 0 ? [`nothing is pending on ${count(idle, rows.length > 0 ? 'other host' : 'host')}`] : []),
  ];
}

/** What stops while hosts are down that have no second one that is on. */
export function outageLines(
  { databases, servers, nfs }: Topology,
  hosts: readonly Host[],
  off: ReadonlySet<string>,
): string[] {
  const [database, server] = [databases, servers].map((all) => {
    const [only, ...others] = all.filter(({ name }) => !off.has(name));
    return others.length === 0 && only && hosts.includes(only) ? only : undefined;
  });
  const lines = [
    database && `${database.name} is the only database host`,
    server && server !== database && `${server.name} is the only server`,
  ];
  return [
    ...lines.flatMap((line) =>
      line ? `${line}: the API does not answer while it reboots; pods keep running` : [],
    ),
    ...(nfs && hosts.includes(nfs.host)
      ? [`${nfs.host.name} has the volumes: pods that use them wait while it reboots`]
      : []),
  ];
}
