import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Bastion } from '../model/topology';
import { urlHost } from '../net/address';

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
}

/**
 * Logs in to a bastion and forwards ports to the servers behind it: all that it has to allow is what Terraform needs
 * of it anyway. Like Terraform, it takes no notice of the user's own SSH configuration.
 *
 * @throws Error with what ssh said, when the login fails
 */
export async function openTunnel({ bastion, servers, folder }: TunnelOptions): Promise<Tunnel> {
  const ports = await freePorts(servers.length);
  const forwards = servers.flatMap(({ address, port }, index) => [
    '-L',
    `127.0.0.1:${ports[index]}:${urlHost(address)}:${port}`,
  ]);
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    'UserKnownHostsFile=known_hosts',
    'GlobalKnownHostsFile=none',
    'UpdateHostKeys=no',
    'ConnectTimeout=5',
    'ExitOnForwardFailure=yes',
    // Runs when the login is through and the ports are open.
    'PermitLocalCommand=yes',
    'LocalCommand=echo ready',
  ];
  const identity =
    bastion.privateKey === undefined ? [] : ['-i', bastion.privateKey, '-o', 'IdentitiesOnly=yes'];
  const ssh = spawn(
    'ssh',
    [
      '-F',
      'none',
      '-N',
      ...options.flatMap((option) => ['-o', option]),
      ...identity,
      ...forwards,
      '-p',
      String(bastion.port),
      '-l',
      bastion.user,
      '--',
      bastion.address,
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await ready(ssh);
  return { ports, close: () => void ssh.kill() };
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

function ready(ssh: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    ssh.stderr?.on('data', (text) => {
      said += text;
    });
    ssh.stdout?.once('data', () => resolve());
    ssh.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      reject(new Error(code === 'ENOENT' ? "ssh is not there: install OpenSSH's client" : message)),
    );
    ssh.once('close', () => reject(new Error(said.trim().split('\n').at(-1) ?? 'ssh ended without a word')));
  });
}
