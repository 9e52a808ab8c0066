import { preflight } from '../../preflight/preflight';
import { SshClient } from '../../ssh/client';
import { problemSentences } from '../../status/problem-sentences';
import type { PlannedChanges } from '../../terraform/planned-changes';
import { DeployError } from './deploy-error';
import type { Deployment } from './deployment';

/** A Raspberry Pi under load takes some seconds. */
const timeoutMs = 30_000;

/**
 * What `doctor` checks, before hosts are changed. A host on which nothing is going to be done may be as it is.
 *
 * @throws DeployError with everything that would make the apply fail
 */
export async function checkHosts(
  { steps }: PlannedChanges,
  now: Date,
  { topology, folder, environment, interruption, view }: Deployment,
): Promise<void> {
  const ssh = new SshClient({ folder });
  const { signal } = interruption;
  const found = await preflight(topology, {
    folder,
    ssh,
    timeoutMs,
    now: () => now.getTime(),
    environment,
    signal,
  })
    .catch((error: Error) => {
      if (interruption.requested) throw new DeployError(['stopped before anything was changed']);
      throw error;
    })
    .finally(() => ssh.close());
  const concerned = new Set(steps.map(({ host }) => host));
  const problems = found.map((problem) =>
    problem.host === undefined || problem.host.split(', ').some((host) => concerned.has(host))
      ? problem
      : { ...problem, severity: 'warning' as const },
  );
  const sentences = problemSentences(problems);
  const errors = sentences.filter(({ severity }) => severity === 'error');
  for (const { severity, text } of sentences) if (severity === 'warning') view.note(`warning: ${text}`);
  if (errors.length > 0)
    throw new DeployError([...errors.map(({ text }) => `error: ${text}`), 'nothing was changed on any host']);
}
