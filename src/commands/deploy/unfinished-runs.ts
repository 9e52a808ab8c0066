import { bashAsRoot, SshClient } from '../../ssh/client';
import { concurrently } from '../../ssh/concurrently';
import { SshError } from '../../ssh/ssh-error';
import type { StepRun } from '../../terraform/planned-changes';
import type { Deployment } from './deployment';

const timeoutMs = 20_000;
const concurrency = 32;

/** Prints a line for each run that has finished: its step and the run (start.sh). */
const script = `for runs in /var/lib/k3s-cdk/runs/*; do sed "s|^|\${runs##*/} |" "$runs"; done 2>/dev/null
`;

/**
 * Of runs that an apply did not vouch for, because it was killed or failed: those that their hosts have not finished. One
 * that is still going on is among them, as is everything of a host that does not answer.
 */
export async function unfinishedRuns(
  runs: readonly StepRun[],
  { topology, folder, interruption: { signal } }: Pick<Deployment, 'topology' | 'folder' | 'interruption'>,
): Promise<StepRun[]> {
  const hosts = topology.hosts.filter(({ name }) => runs.some(({ host }) => host === name));
  const ssh = new SshClient({ folder });
  try {
    const finished = new Map(
      await concurrently(hosts, concurrency, async (host) => {
        const answer = await ssh
          .run(host, bashAsRoot, { input: script, timeoutMs, signal })
          .catch((error: Error) => {
            if (!(error instanceof SshError)) throw error;
            return { stdout: '' };
          });
        return [host.name, new Set(answer.stdout.split('\n'))] as const;
      }),
    );
    return runs.filter(({ host, step, run }) => !finished.get(host)?.has(`${step} ${run}`));
  } finally {
    await ssh.close();
  }
}
