import { setTimeout } from 'node:timers/promises';
import type { Host, Topology } from '../model/topology';
import { roles } from '../roles/roles';
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

/** Twice what a virtual IP takes to move on a loaded machine, in docs/measurements/changes.md. */
const settlingMs = 2000;

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

/**
 * Asks every host for its state, over one connection each. Not answering is a state like any other. Hosts whose answers
 * contradict each other are asked once more.
 */
export async function askHosts(topology: Topology, options: AskHostsOptions): Promise<HostStatus[]> {
  const hosts = options.hosts ?? topology.hosts;
  const answers = await askEach(topology, hosts, options);
  const unsettled = new Set(roles.flatMap(({ status }) => status?.unsettled?.(topology, answers) ?? []));
  if (unsettled.size === 0) return answers;
  await setTimeout(settlingMs, undefined, { signal: options.signal });
  const again = await askEach(
    topology,
    hosts.filter(({ name }) => unsettled.has(name)),
    options,
  );
  return answers.map((answer) => again.find(({ name }) => name === answer.name) ?? answer);
}

function askEach(
  topology: Topology,
  hosts: readonly Host[],
  options: AskHostsOptions,
): Promise<HostStatus[]> {
  return concurrently(hosts, concurrency, async (host) => {
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
