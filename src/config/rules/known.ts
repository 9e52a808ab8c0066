import { familyOf } from '../../net/address';
import type { HostConfig, Role } from '../config';
import { type Draft, isAbsent } from '../draft';
import type { Path } from '../path';
import { quoteOr } from '../quote';

export type DraftHost = Draft<HostConfig>;

/** The items of a list that decoded, with their indices. */
export function known<T>(list: readonly (T | undefined)[] | undefined): [index: number, item: T][] {
  const items: [number, T][] = [];
  list?.forEach((item, index) => {
    if (item !== undefined) items.push([index, item]);
  });
  return items;
}

export function hostsWith(config: Draft, role: Role): [index: number, host: DraftHost][] {
  return known(config.hosts).filter(([, host]) => host.roles?.includes(role));
}

/** Hosts that make backups of the database: the first server, if somebody else runs it. */
export function backupHosts(config: Draft): [index: number, host: DraftHost][] {
  return isExternal(config) ? hostsWith(config, 'server').slice(0, 1) : hostsWith(config, 'database');
}

/** Whether somebody else runs the database. */
export function isExternal({ database }: Draft): boolean {
  return database !== undefined && !isAbsent(database, 'external');
}

/** Hosts that run k3s. */
export function nodes(config: Draft): [index: number, host: DraftHost][] {
  return known(config.hosts).filter(([, host]) => isNode(host));
}

export function isNode(host: DraftHost): boolean {
  return Boolean(host.roles?.includes('server') || host.roles?.includes('agent'));
}

/** Whether every role of every host is known, so that counting hosts of a role makes sense. */
export function rolesAreKnown(config: Draft): boolean {
  return Boolean(
    config.hosts?.length && config.hosts.every((host) => host?.roles && !host.roles.includes(undefined)),
  );
}

/** A host as messages call it. Its index would be that after expansion, of which the file knows nothing. */
export function nameOf(host: DraftHost): string {
  return quoteOr(host.name, 'a host without a valid name');
}

/** An address of a node and where it is written. */
export interface NodeIp {
  readonly ip: string;
  readonly path: Path;
  readonly index: number;
  readonly host: DraftHost;
}

/** The addresses of a host in the cluster's network: `nodeIps`, or else `address`. */
export function nodeIpsOf([index, host]: readonly [number, DraftHost]): NodeIp[] {
  if (!isAbsent(host, 'nodeIps')) {
    return known(host.nodeIps).map(([n, ip]) => ({ ip, path: ['hosts', index, 'nodeIps', n], index, host }));
  }
  const ip = host.address;
  if (ip === undefined || familyOf(ip) === undefined) return [];
  return [{ ip, path: ['hosts', index, 'address'], index, host }];
}

/** All addresses of all hosts. */
export function allNodeIps(config: Draft): NodeIp[] {
  return known(config.hosts).flatMap(nodeIpsOf);
}
