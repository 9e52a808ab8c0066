import { SshClient } from '../../ssh/client';
import { askHosts } from '../../status/ask-hosts';
import { problemSentences } from '../../status/problem-sentences';
import { stepProblems } from '../../status/step-problems';
import type { Deployment } from './deployment';

const timeoutMs = 20_000;

/** What neither an accident nor a failed step causes. */
const byHand: ReadonlySet<string> = new Set(['drift', 'unit-masked']);

/**
 * What differs from the state in which the steps left hosts where a deploy has failed: usually the reason,
 * which no step can see in another one's files. Nothing for a host that does not answer.
 *
 * @param names of the hosts
 */
export async function manualChanges(
  names: readonly string[],
  { topology, folder, interruption: { signal, requested } }: Deployment,
): Promise<string[]> {
  const hosts = topology.hosts.filter(({ name }) => names.includes(name));
  if (hosts.length === 0 || requested) return [];
  const ssh = new SshClient({ folder });
  const found = await askHosts(topology, { hosts, ssh, timeoutMs, now: Date.now, signal })
    .catch(() => [])
    .finally(() => ssh.close());
  const problems = found.flatMap((host) => (host.failure === undefined ? [...stepProblems(host)] : []));
  const changes = problemSentences(problems.filter(({ code }) => byHand.has(code)));
  if (changes.length === 0) return [];
  return [
    'changed manually there, which may be the reason:',
    ...changes.map(({ text }) => `  ${text}`),
    "  'k3s-cdk status' has the command that puts it back",
  ];
}
