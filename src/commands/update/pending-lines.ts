import { hostGroups, nameList } from '../../model/host-groups';
import type { Host, Topology } from '../../model/topology';
import { count } from '../../status/figures';
import type { Pending } from '../../upkeep/machines';
import { table } from '../table';

/** Of a line, for hosts that share it. */
const namesWidth = 32;

/**
 * What is pending, for people: a row for each host that has something to do. Where there are more than `room`, those
 * with the same answer share one, problems first, with the most packages of any of them.
 *
 * @param asked number of hosts
 */
export function pendingLines(todo: ReadonlyMap<Host, Pending>, asked: number, room: number): string[] {
  const idle = asked - todo.size;
  const found = [...todo].map(([{ name }, pending]) => ({
    ...{ name, packages: pending.packages.length },
    ...answerOf(pending),
  }));
  const groups = hostGroups(found, room, ({ reboot, packages }) => `${reboot} ${packages > 0}`);
  if (found.length > room) groups.sort(([a], [b]) => (a?.urgency ?? 0) - (b?.urgency ?? 0));
  const rows = groups.map((group) => {
    const names = group.map(({ name }) => name);
    return [
      nameList(names, { width: namesWidth }),
      mostOf(group.map(({ packages }) => packages)),
      group[0]?.reboot ?? '',
    ];
  });
  return [
    ...(rows.length > 0 ? table([['HOST', 'PACKAGES', 'REBOOT'], ...rows]) : []),
    ...(idle > 0 ? [`nothing is pending on ${count(idle, rows.length > 0 ? 'other host' : 'host')}`] : []),
  ];
}

function answerOf({ reboot, cordon }: Pending): { reboot: string; urgency: number } {
  if (reboot !== undefined) return { reboot, urgency: 1 };
  return cordon === 'ours'
    ? { reboot: 'cordoned by an update that did not end', urgency: 0 }
    : { reboot: '-', urgency: 2 };
}

function mostOf(numbers: readonly number[]): string {
  const most = Math.max(...numbers);
  if (most === 0) return '-';
  return numbers.every((number) => number === most) ? `${most}` : `≤${most}`;
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
