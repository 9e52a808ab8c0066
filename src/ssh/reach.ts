import { connect } from 'node:net';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses the connection: is its SSH server running, on this port?',
  EHOSTUNREACH: 'cannot be reached: is it switched on and in this network?',
  ENETUNREACH: 'is in a network that this machine has no route to',
  ENOTFOUND: 'has a name that cannot be resolved',
  EAI_AGAIN: 'has a name that cannot be resolved',
};

/** Why no TCP connection can be made, as the rest of a sentence about the server; undefined when one can. */
export function connectFailure(
  address: string,
  port: number,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: timeoutMs });
    const done = (reason?: string) => {
      socket.destroy();
      resolve(reason);
    };
    socket.once('connect', () => done());
    socket.once('timeout', () => done(`does not answer within ${timeoutMs / 1000} s: is it switched on?`));
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => done(reasons[code ?? ''] ?? message));
  });
}
