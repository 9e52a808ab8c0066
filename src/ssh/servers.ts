import { knownHostsName } from '../model/known-hosts';
import type { Bastion, Topology } from '../model/topology';

/** An SSH server that Terraform is going to connect to. */
export interface SshServer {
  /** What people call it: the names of the hosts at this address, or `bastion`. */
  readonly names: readonly string[];
  readonly address: string;
  readonly port: number;
  /** Jump host in front of it. */
  readonly bastion?: Bastion;
}

/** The bastions, then the hosts; an address and port that several of them share comes once. */
export function sshServers(topology: Topology): SshServer[] {
  const servers = new Map<string, SshServer>();
  const add = (server: SshServer) => {
    const key = knownHostsName(server.address, server.port);
    const before = servers.get(key);
    const names = new Set([...(before?.names ?? []), ...server.names]);
    servers.set(key, { ...(before ?? server), names: [...names] });
  };
  for (const { ssh } of topology.hosts)
    if (ssh.bastion) add({ names: ['bastion'], address: ssh.bastion.address, port: ssh.bastion.port });
  for (const { name, address, ssh } of topology.hosts)
    add({ names: [name], address, port: ssh.port, ...(ssh.bastion && { bastion: ssh.bastion }) });
  return [...servers.values()];
}

/** Address of a server as people write it, with the port only when it is not the usual one. */
export function place({ address, port }: Pick<SshServer, 'address' | 'port'>): string {
  return port === 22 ? address : knownHostsName(address, port);
}
