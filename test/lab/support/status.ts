import type { StatusReport } from '../../../src/status/status-report';
import { waitFor } from '../wait';
import type { TestCluster } from './test-cluster';

/**
 * What `k3s-cdk status --json` says of a cluster, besides what it says of cluster.yaml. Its hosts have no time server, and
 * nobody could give them one.
 */
export async function statusOf({ project }: Pick<TestCluster, 'project'>): Promise<StatusReport> {
  const { stdout, stderr } = await project.k3sCdkResult('status', '--json', '--timeout', '120');
  if (!stdout.startsWith('{')) throw new Error(`status prints no report: ${stderr}`);
  const report: StatusReport = JSON.parse(stdout);
  const ofCluster = report.problems.filter(
    (problem) => problem.code !== 'clock-alone' && !('file' in problem),
  );
  return { ...report, problems: ofCluster };
}

/** Problems as `server1 drift`. */
export function shortly(problems: StatusReport['problems']): string[] {
  return problems.map(({ host = 'cluster', code }) => `${host} ${code}`).sort();
}

/** Those that `status` tells now. */
export async function problemsOf(cluster: Pick<TestCluster, 'lab' | 'project'>): Promise<string[]> {
  return shortly((await statusOf(cluster)).problems);
}

/** Waits until there is no problem: k3s tells systemd that it runs a while after its API answers. @param timeout in ms */
export async function whenWell(
  cluster: Pick<TestCluster, 'lab' | 'project'>,
  timeout = 120_000,
): Promise<void> {
  let problems: string[] = [];
  await waitFor(
    'status has no problems',
    async () => {
      problems = await problemsOf(cluster);
      return problems.length === 0;
    },
    { timeout, interval: 1000, explain: () => problems.join('\n') },
  );
}
