import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Bastion } from '../model/topology';
import { urlHost } from '../net/address';
import { connectBastion } from './bastion';

/** Ports of 127.0.0.1 that lead through a bastion. */
export interface Tunnel {
  /** One for each of the servers that were asked for, in their order. */
  readonly ports: readonly number[];
  close(): void;
}

export interface TunnelOptions {
  readonly bastion: Bastion;
  readonly servers: readonly { readonly address: string; readonly port: number }[];
  /** Folder of `known_hosts`, which must have the bastion's key; relative paths of keys start here. */
  readonly folder: string;
  /** Ends the login. @default none */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Logs in to a bastion and forwards ports to the servers behind it.
 *
 * @throws UserError with what ssh said, when the login fails
 */
export async function openTunnel({ bastion, servers, folder, signal }: TunnelOptions): Promise<Tunnel> {
  const ports = await freePorts(servers.length);
  const forwards = servers.flatMap(({ address, port }, index) => [
    '-L',
    `127.0.0.1:${ports[index]}:${urlHost(address)}:${port}`,
  ]);
  const ssh = await connectBastion({
    bastion,
    folder,
    sshArguments: ['-o', 'ExitOnForwardFailure=yes', ...forwards],
    signal,
  });
  return { ports, close: () => ssh.terminate() };
}

/** Ports that were free a moment ago; if one is taken meanwhile, ssh fails and says so. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
}
