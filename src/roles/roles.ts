import type { Host, Topology } from '../model/topology';
import { backup } from './backup/backup';
import { database } from './database/database';
import { databaseCluster } from './database-cluster/database-cluster';
import { disks } from './disks/disks';
import type { Effect } from './effect';
import { externalDatabase } from './external-database/external-database';
import { firewall } from './firewall/firewall';
import { k3s } from './k3s/k3s';
import { loadBalancer } from './load-balancer/load-balancer';
import { metallb } from './metallb/metallb';
import { nfs } from './nfs/nfs';
import { nfsClient } from './nfs-client/nfs-client';
import { ownSteps } from './own-steps/own-steps';
import type { PlacedSecret } from './placed-secret';
import { prepare } from './prepare/prepare';
import type { Entry, OwnPackages, Packages, Role, Service, Traffic } from './role';
import { watch } from './watch/watch';

/** All roles, in the order in which they are always listed. */
export const roles: readonly Role[] = [
  prepare,
  disks,
  firewall,
  loadBalancer,
  k3s,
  metallb,
  database,
  databaseCluster,
  externalDatabase,
  backup,
  nfs,
  nfsClient,
  ownSteps,
  watch,
];

/** Those of a host. */
export function rolesOf(host: Host, topology: Topology): Role[] {
  return roles.filter((role) => role.isOn(host, topology));
}

/** What a host lets in. SSH is the owner's: it is never mentioned, so never lost. */
export function trafficTo(host: Host, topology: Topology): Traffic[] {
  return rolesOf(host, topology).flatMap(({ traffic }) => traffic?.(topology, host) ?? []);
}

/** The traffic among nodes, by its name in the diagram. */
export interface NamedTraffic {
  readonly name: string;
  /** `8472/udp`, `7946/tcp+udp`. @default - it comes to none */
  readonly ports?: string;
  readonly by?: string;
}

export function trafficBetweenNodes(topology: Topology): NamedTraffic[] {
  const found = new Map<string, { by?: string; ports: Set<number>; protocols: Set<string> }>();
  for (const { between, ports, protocol } of topology.nodes.flatMap((host) => trafficTo(host, topology))) {
    if (!between) continue;
    const { name, ...rest } = between;
    const known = found.get(name) ?? { ...rest, ports: new Set(), protocols: new Set() };
    for (const port of ports) known.ports.add(port);
    known.protocols.add(protocol);
    found.set(name, known);
  }
  const toPorts = [...found].map(([name, { ports, protocols, ...rest }]) => ({
    ...{ name, ...rest },
    ports: `${[...ports].join(', ')}/${[...protocols].join('+')}`,
  }));
  return [...roles.flatMap(({ routed }) => routed?.(topology) ?? []), ...toPorts];
}

/** What keeps data for the nodes: what servers connect to, then what all nodes do. */
export function dataServices(topology: Topology): (Service & { readonly role: string })[] {
  const all = roles.flatMap(({ name, services }) =>
    (services?.(topology) ?? []).map((service) => ({ ...service, role: name })),
  );
  return (['servers', 'nodes'] as const).flatMap((from) => all.filter((service) => service.from === from));
}

/** What callers outside connect to, to get to the API or to services. Undefined: the nodes themselves. */
export function entryTo(to: Entry['to'], topology: Topology): Entry | undefined {
  return roles.flatMap(({ entries }) => entries?.(topology) ?? []).find((entry) => entry.to === to);
}

/** Programs of a host's roles, as the diagram names them. */
export function programsOn(host: Host, topology: Topology): string[] {
  return rolesOf(host, topology).flatMap(({ programs }) => programs?.(topology, host) ?? []);
}

/** Ports that its roles listen on, and the programs that may have them: `6443:haproxy`. */
export function listeningPorts(host: Host, topology: Topology): string[] {
  return trafficTo(host, topology).flatMap(({ ports, programs }) =>
    programs === undefined ? [] : ports.map((port) => `${port}:${programs}`),
  );
}

/** What the host is to run that a machine can have only once, and may have from somebody else. */
export function takenOver(host: Host, topology: Topology): string[] {
  return rolesOf(host, topology).flatMap(({ takesOver }) => takesOver ?? []);
}

/** All that the roles of a host need, to be installed in one go. */
export function hostPackages(host: Host, topology: Topology): Required<Packages> {
  const once = (names: string[]) => [...new Set(names)];
  const sets = rolesOf(host, topology).flatMap(({ packages }) => packages?.(topology, host) ?? []);
  return {
    apt: once(sets.flatMap(({ apt }) => apt)),
    dnf: once(sets.flatMap(({ dnf }) => dnf)),
    selinux: once(sets.flatMap(({ selinux = [] }) => selinux)),
  };
}

/** What steps of a host install beside that. */
export function ownPackages(host: Host, topology: Topology): OwnPackages[] {
  return rolesOf(host, topology).flatMap((role) => role.ownPackages?.(topology, host) ?? []);
}

/** What changes of a step do to what runs on a host. */
export function effectsOf(host: Host, step: string, topology: Topology): Effect[] {
  return rolesOf(host, topology)
    .flatMap(({ effects }) => effects?.(topology, host) ?? [])
    .filter((effect) => effect.step === step);
}

/** The secrets on a host: the CA keys are on none. */
export function placedSecrets(host: Host, topology: Topology): PlacedSecret[] {
  return rolesOf(host, topology).flatMap(({ secrets }) => secrets?.(topology, host) ?? []);
}

/** Whether a host runs containers. */
export function runsContainers(host: Host, topology: Topology): boolean {
  return rolesOf(host, topology).some(({ containers }) => containers);
}

/** MB that must be free in `/` and below `/var`. */
export function freeSpace(host: Host, topology: Topology): number {
  return Math.max(...rolesOf(host, topology).map(({ freeSpaceMb = 0 }) => freeSpaceMb));
}

/** Uninstallers of roles that the host does not have, or no longer has. */
export function lostUninstallers(host: Host, topology: Topology): string[] {
  return roles
    .filter((role) => !role.isOn(host, topology))
    .flatMap(({ uninstallers }) => uninstallers?.(host, topology) ?? []);
}
