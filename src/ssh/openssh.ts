import { expandHome } from '../programs/operator-file';

/** How to log in to a server; without a stated default, as in cluster.yaml. */
export interface Login {
  readonly port: number;
  readonly user: string;
  /** Path as written, `~` allowed. Undefined: the SSH agent. */
  readonly privateKey?: string;
  /** Path of the public half of the one key that the agent is asked for. @default - all keys that it has */
  readonly agentKey?: string;
}

/** Until a connection is made and the server has identified itself. */
export const connectTimeoutMs = 5000;

/**
 * Arguments of OpenSSH's `ssh` that make it log in as Terraform does: with the one key or the agent and nothing else,
 * to servers whose keys are in `known_hosts` of the folder it runs in, ignoring the user's own configuration,
 * and never asking anything.
 */
export function loginArguments({ port, user, privateKey, agentKey }: Login): string[] {
  const key = privateKey ?? agentKey;
  const options = [
    'BatchMode=yes',
    'PreferredAuthentications=publickey',
    'StrictHostKeyChecking=yes',
    'UserKnownHostsFile=known_hosts',
    'GlobalKnownHostsFile=none',
    'UpdateHostKeys=no',
    'CheckHostIP=no',
    `ConnectTimeout=${connectTimeoutMs / 1000}`,
    // A server that loses power does not close connections.
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    ...(key === undefined ? ['IdentityFile=none'] : ['IdentitiesOnly=yes']),
    ...(privateKey === undefined ? [] : ['IdentityAgent=none']),
  ];
  return [
    '-F',
    'none',
    ...options.flatMap((option) => ['-o', option]),
    ...(key === undefined ? [] : ['-i', expandHome(key)]),
    '-p',
    `${port}`,
    '-l',
    user,
  ];
}
