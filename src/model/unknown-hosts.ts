import type { Topology } from './topology';

/** Hosts and bastions with unknown SSH host keys, by the names that people use. */
export function unknownHosts({ hosts }: Topology): string[] {
  const names = hosts.flatMap(({ name, hostKey, ssh: { bastion } }) => [
    ...(bastion && bastion.hostKey === undefined ? [`bastion ${bastion.address}`] : []),
    ...(hostKey === undefined ? [name] : []),
  ]);
  return [...new Set(names)];
}

/** More names than this make an unreadable sentence. */
const named = 5;

/** `agent1, agent2 and 7 more`. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, names.length > named ? named - 1 : named).join(', ');
  return names.length > named ? `${shown} and ${names.length - named + 1} more` : shown;
}
