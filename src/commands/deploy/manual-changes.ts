import { SshClient } from '../../ssh/client';
import { askHosts } from '../../status/ask-hosts';
import { problemSentences } from '../../status/problem-sentences';
import { stepProblems } from '../../status/step-problems';
import type { Deployment } from './deployment';

const timeoutMs = 20_000;

/** What nobody does by accident, and no failed step either. */
const byHand: ReadonlySet<string> = new Set(['drift', 'unit-masked']);

/**
 * What is not as the steps have left it on hosts where a deploy has failed: mostly the reason, which no step can know of
 * another one's files. Nothing where a host does not answer.
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
  const found = await askHosts({ ...topology, hosts }, { ssh, timeoutMs, now: Date.now, signal })
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
