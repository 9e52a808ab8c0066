import { connect } from 'node:net';

/** For a server behind a bastion, which does not say why. */
export function noAnswerThrough(bastion: string): string {
  return `does not answer through bastion ${bastion}: is it switched on, and its SSH server running on this port?`;
}

/** By the code of node's error. */
export const connectFailures = {
  ECONNREFUSED: 'refuses the connection: is its SSH server running, on this port?',
  EHOSTUNREACH: 'cannot be reached: is it switched on and in this network?',
  ENETUNREACH: 'is in a network that this machine has no route to',
  ENOTFOUND: 'has a name that cannot be resolved',
  EAI_AGAIN: 'has a name that cannot be resolved',
} as const;

/** The rest of a sentence about a server. */
export function noAnswer(timeoutMs: number): string {
  return `does not answer within ${timeoutMs / 1000} s: is it switched on?`;
}

const reasons: Readonly<Record<string, string>> = connectFailures;

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
    socket.once('timeout', () => done(noAnswer(timeoutMs)));
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => done(reasons[code ?? ''] ?? message));
  });
}
