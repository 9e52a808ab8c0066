import type { Topology } from './topology';

/** Hosts and bastions with unknown SSH host keys, by the names that people use. */
export function unknownHosts({ hosts }: Topology): string[] {
  const names = hosts.flatMap(({ name, hostKey, ssh: { bastion } }) => [
    ...(bastion && bastion.hostKey === undefined ? [`bastion ${bastion.address}`] : []),
    ...(hostKey === undefined ? [name] : []),
  ]);
  return [...new Set(names)];
}
