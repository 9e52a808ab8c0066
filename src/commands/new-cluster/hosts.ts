import type { Role } from '../../config/config';
import { dnsLabel, ipAddress } from '../../config/schema/primitives';
import { canonicalAddress } from '../../net/address';
import type { NewHost, Places } from './new-cluster';

interface Place {
  readonly name?: string;
  readonly address: string;
}

/** Reads `ADDRESS` or `NAME=ADDRESS`. */
export function place(text: string): Place {
  const [left = '', right] = text.split('=', 2);
  return right === undefined ? { address: left.trim() } : { name: left.trim(), address: right.trim() };
}

/** What is wrong with `ADDRESS` or `NAME=ADDRESS`, in a sentence; undefined when nothing is. */
export function placeProblem(text: string): string | undefined {
  const { name, address } = place(text);
  return (name === undefined ? undefined : problem(dnsLabel, name)) ?? problem(ipAddress, address);
}

/** What a schema says about a text; undefined when it is valid. */
export function problem(schema: typeof dnsLabel | typeof ipAddress, text: string): string | undefined {
  return schema.safeParse(text).error?.issues[0]?.message;
}

interface Gathered {
  name?: string;
  readonly address: string;
  readonly roles: Role[];
}

/** One host per address, with all its roles: hosts with data first, then servers, then agents. */
export function newHosts({ servers, agents, database, nfs }: Places): NewHost[] {
  const hosts = new Map<string, Gathered>();
  const add = (text: string, role: Role) => {
    const { name, address } = place(text);
    const host = hosts.get(canonicalAddress(address)) ?? { address, roles: [] };
    if (name !== undefined) host.name = name;
    if (!host.roles.includes(role)) host.roles.push(role);
    hosts.set(canonicalAddress(address), host);
  };
  add(database, 'database');
  if (nfs !== undefined) add(nfs, 'nfs');
  for (const server of servers) add(server, 'server');
  for (const agent of agents) add(agent, 'agent');

  const taken = new Set([...hosts.values()].flatMap(({ name }) => name ?? []));
  return [...hosts.values()].map(({ name, address, roles }) => {
    const own = name ?? freeName(kindOf(roles), taken);
    taken.add(own);
    return { name: own, address, roles };
  });
}

function kindOf(roles: readonly Role[]): string {
  for (const role of ['server', 'agent'] as const) if (roles.includes(role)) return role;
  return roles.length > 1 ? 'storage' : (roles[0] ?? 'host');
}

function freeName(kind: string, taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(`${kind}${number}`)) number += 1;
  return `${kind}${number}`;
}
