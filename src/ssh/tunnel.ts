import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Bastion } from '../model/topology';
import { urlHost } from '../net/address';
import { lastLines } from '../programs/last-lines';
import { plainText } from '../programs/plain-text';
import { runProgram } from '../programs/run-program';
import { UserError } from '../user-error';
import { connectBastion } from './bastion';
import { socketFolder } from './socket-folder';

/** A way through a bastion, over one login. */
export interface Tunnel {
  /**
   * Opens a port of 127.0.0.1 that leads to a server. Ports take files of this machine, so only as many as are in use
   * should be open.
   *
   * @throws UserError with what ssh said
   */
  open(server: { readonly address: string; readonly port: number }): Promise<TunnelPort>;
  close(): void;
}

export interface TunnelPort {
  readonly port: number;
  close(): Promise<void>;
}

export interface TunnelOptions {
  readonly bastion: Bastion;
  /** Folder of `known_hosts`, which must have the bastion's key; relative paths of keys start here. */
  readonly folder: string;
  /** Ends the login. @default none */
  readonly signal?: AbortSignal | undefined;
}

const requestMs = 10_000;

/** Another program may take a port that was free a moment ago. */
const attempts = 3;

/**
 * Logs in to a bastion.
 *
 * @throws UserError with what ssh said, when the login fails
 */
export async function openTunnel({ bastion, folder, signal }: TunnelOptions): Promise<Tunnel> {
  const scratch = socketFolder();
  const remove = () => rmSync(scratch, { recursive: true, force: true });
  const socket = join(scratch, 'bastion');
  const sshArguments = ['-M', '-S', socket];
  const ssh = await connectBastion({ bastion, folder, sshArguments, signal }).catch((error) => {
    remove();
    throw error;
  });
  const request = (what: 'forward' | 'cancel', forward: string) => {
    const args = ['-F', 'none', '-S', socket, '-O', what, '-L', forward, '--', bastion.address];
    return runProgram('ssh', args, { timeoutMs: requestMs, signal });
  };
  const open: Tunnel['open'] = async ({ address, port: there }) => {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const forward = `127.0.0.1:${port}:${urlHost(address)}:${there}`;
      const { exitCode, stderr } = await request('forward', forward);
      if (exitCode === 0) return { port, close: async () => void (await request('cancel', forward)) };
      if (attempt === attempts)
        throw new UserError(lastLines(plainText(stderr)) || 'no port could be opened');
    }
  };
  const close = () => {
    ssh.terminate();
    remove();
  };
  return { open, close };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
