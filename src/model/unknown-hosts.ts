import type { Topology } from './topology';

/** Hosts and bastions whose SSH host key is not known, as people call them. */
export function unknownHosts({ hosts }: Topology): string[] {
  const names = hosts.flatMap(({ name, hostKey, ssh: { bastion } }) => [
    ...(bastion && bastion.hostKey === undefined ? [`bastion ${bastion.address}`] : []),
    ...(hostKey === undefined ? [name] : []),
  ]);
  return [...new Set(names)];
}

/** More names than this make no sentence that anybody reads. */
const named = 5;

/** `agent1, agent2 and 7 more`. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, names.length > named ? named - 1 : named).join(', ');
  return names.length > named ? `${shown} and ${names.length - named + 1} more` : shown;
}
