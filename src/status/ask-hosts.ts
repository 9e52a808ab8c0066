import type { Host, Topology } from '../model/topology';
import { bashAsRoot, type SshClient } from '../ssh/client';
import { concurrently } from '../ssh/concurrently';
import { rootFailure } from '../ssh/root-failure';
import { SshError } from '../ssh/ssh-error';
import { AnswerError, answerFailure } from './answer';
import type { HostStatus } from './host-status';
import { readAnswer } from './probe-answer';
import { probeScript } from './probe-script';

/** Enough to query a rack at once, few enough for a small machine. */
const concurrency = 32;

export interface AskHostsOptions {
  /** @default - all */
  readonly hosts?: readonly Host[];
  readonly ssh: SshClient;
  /** For each host. */
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends it early; the error is then the signal's. @default none */
  readonly signal?: AbortSignal | undefined;
  /** Called for each host as it answers, or is given up. @default - nobody waits */
  readonly onAnswer?: (host: Host) => void;
}

/** Asks every host for its state, over one connection each. Not answering is a state like any other. */
export function askHosts(topology: Topology, options: AskHostsOptions): Promise<HostStatus[]> {
  return concurrently(options.hosts ?? topology.hosts, concurrency, async (host) => {
    const status = await askHost(topology, host, options);
    options.onAnswer?.(host);
    return status;
  });
}

async function askHost(topology: Topology, host: Host, options: AskHostsOptions): Promise<HostStatus> {
  const { ssh, timeoutMs, now, signal } = options;
  const from = now() / 1000;
  try {
    const input = probeScript(topology, host, timeoutMs);
    const { stdout, stderr, exitCode } = await ssh.run(host, bashAsRoot, {
      input,
      timeoutMs,
      signal,
    });
    if (exitCode !== 0 || stdout === '') return unanswered(host, true, rootFailure(host, stderr));
    return readAnswer(host, stdout, { from, to: now() / 1000 });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof SshError) return unanswered(host, error.failure !== 'unreachable', error.reason);
    // Whatever one host answers, the others are shown.
    const { message } = error as Error;
    return unanswered(
      host,
      true,
      answerFailure(error instanceof AnswerError ? message : `cannot be read: ${message}`),
    );
  }
}

function unanswered(host: Host, reachable: boolean, failure: string): HostStatus {
  const { name, address, roles } = host;
  return { name, address, roles, reachable, failure, units: [], steps: [], drift: [], certificates: [] };
}
