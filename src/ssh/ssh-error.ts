import type { Host } from '../model/topology';
import { UserError } from '../user-error';
import { connectTimeoutMs } from './openssh';
import { connectFailures, noAnswer, noAnswerThrough } from './reach';
import { place } from './servers';
import { droppedPattern } from './until-let-in';

export type SshFailure =
  /** No connection: off, another network, no SSH server, a bastion that does not let us through. */
  | 'unreachable'
  /** `known_hosts` has no key of it. */
  | 'host-key-unknown'
  /** It presents a key other than the one in `known_hosts`. */
  | 'host-key-changed'
  /** The login is rejected. */
  | 'permission-denied'
  /** The private key of cluster.yaml cannot be read. */
  | 'key-file'
  /** The command did not end in time. */
  | 'timeout'
  /** The command's output is too long. */
  | 'too-much'
  /** The server ended the connection before the login: it has too many at once, or something else answers. */
  | 'dropped'
  /** The connection ended before the command did. */
  | 'connection-lost'
  /** OpenSSH is not installed here. */
  | 'no-ssh';

/** A command that could not be run on a host. Its message is a sentence that names the host and says what to do. */
export class SshError extends UserError {
  constructor(
    readonly failure: SshFailure,
    readonly host: Host,
    /** The rest of a sentence about the host. */
    readonly reason: string,
  ) {
    super(`${host.name} (${place({ address: host.address, port: host.ssh.port })}) ${reason}`);
  }
}

/** OpenSSH's messages about a connection, in the order in which they are looked for. */
const complaints: readonly [RegExp, SshFailure, (host: Host, said: string) => string][] = [
  [
    /HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY/,
    'host-key-changed',
    () =>
      "shows another host key than the one in known_hosts: run 'k3s-cdk init', which shows both and says what to do",
  ],
  [
    /Host key verification failed|host key is known for/,
    'host-key-unknown',
    () => "has a host key that is not known: run 'k3s-cdk init', which shows it and adds it to known_hosts",
  ],
  [/Too many authentication failures/, 'permission-denied', tooManyKeys],
  [/Permission denied/, 'permission-denied', refused],
  // The bastion's word for whatever kept it from the host.
  [
    /orwarding request failed|open failed/,
    'unreachable',
    ({ ssh }) => noAnswerThrough(ssh.bastion?.address ?? ''),
  ],
  [/Connection refused/, 'unreachable', () => connectFailures.ECONNREFUSED],
  [/No route to host/, 'unreachable', () => connectFailures.EHOSTUNREACH],
  [/Network is unreachable/, 'unreachable', () => connectFailures.ENETUNREACH],
  [/Could not resolve|Name or service not known/, 'unreachable', () => connectFailures.ENOTFOUND],
  [/timed out/, 'unreachable', () => noAnswer(connectTimeoutMs)],
  [droppedPattern, 'dropped', () => drops],
];

/** One of a host, or of the bastion in front of it. */
const drops =
  "drops connections before the login, again and again: others may log in there, too many at once ('MaxStartups' of its SSH server), or it bans this machine";

/** The error for what OpenSSH wrote about a connection that failed. */
export function connectionError(host: Host, log: string): SshError {
  const said = log.trim().split('\n').at(-1)?.trim() ?? '';
  for (const [pattern, failure, reason] of complaints)
    if (pattern.test(log)) return new SshError(failure, host, reason(host, said));
  return new SshError('connection-lost', host, `closed the connection: ${said}`);
}

/** The error for a host whose bastion did not let us log in, which is of the kind that the bastion's would be. */
export function behindBastion(host: Host, bastion: string, said: string): SshError {
  const [, failure = 'connection-lost'] = complaints.find(([pattern]) => pattern.test(said)) ?? [];
  return new SshError(failure, host, `is behind bastion ${bastion}, where the login fails: ${said}`);
}

/** SSH servers allow six tries, and the agent offers its keys in the order in which they were added. */
function tooManyKeys({ ssh: { user } }: Host): string {
  return `refuses user '${user}' after too many keys, before the right one came: the SSH agent has several; set 'ssh.privateKey' to the public half of the right one ('~/.ssh/id_ed25519.pub'), and no other is offered`;
}

function refused({ ssh: { user, privateKey, agentKey } }: Host): string {
  const named = privateKey ?? agentKey;
  const key = named === undefined ? 'the keys of the SSH agent' : `key '${named}'`;
  const remedies = {
    agent: "see which it has with 'ssh-add -l', or set 'ssh.privateKey'",
    agentKey: 'the SSH agent must have the private half of it',
    privateKey: 'it must have no passphrase',
  };
  const remedy = remedies[privateKey ? 'privateKey' : agentKey ? 'agentKey' : 'agent'];
  return `refuses user '${user}' with ${key}: put the public key into ~/.ssh/authorized_keys of '${user}' on the host (${remedy})`;
}
