import { type Kubectl, KubectlError } from '../../kubectl/kubectl';
import { type ObjectName, objectText } from '../../kubectl/objects';
import { type PodObject, podTrouble } from '../../kubectl/pod-trouble';
import {
  type Pending,
  pendingWorkloads,
  readyNodes,
  type WorkloadObject,
  watchedKinds,
  workloadsOf,
} from '../../kubectl/rollout';
import { duration } from '../../status/figures';
import { exitCodes } from '../exit-codes';
import { DeployError } from './deploy-error';
import type { Deployment } from './deployment';

const pauseMs = 2000;

/** How long a cluster may have no ready node: their steps have already waited for that. */
const noNodeMs = 60_000;

/** More than this says nothing that a number does not. */
const shown = 3;

/**
 * Waits until objects are up: those of `dist`, or nodes.
 *
 * @throws DeployError with exit code 4 that says what is missing and why, as far as the cluster knows
 */
export async function waitForRollout(
  kubectl: Kubectl,
  objects: readonly ObjectName[],
  timeoutMs: number,
  { clock, view, interruption, topology }: Deployment,
): Promise<void> {
  const workloads = workloadsOf(objects);
  if (workloads.length === 0) return;
  const startedAt = clock();
  let pending: Pending[] = [];
  while (!interruption.requested) {
    const found = await watch(kubectl);
    pending = found ? pendingWorkloads(workloads, found) : pending;
    if (found && pending.length === 0) return;
    const waited = clock() - startedAt;
    if (found && readyNodes(found) === 0 && waited > Math.min(noNodeMs, timeoutMs))
      throw new DeployError(
        [
          `error: no node of ${topology.name} is ready, so nothing can start: see 'kubectl get nodes' and the journal of k3s on the servers`,
          ...pendingLines(pending, []),
        ],
        exitCodes.notUp,
      );
    if (waited > timeoutMs) {
      const pods = await kubectl.list<PodObject>('pods', '-A').catch(() => []);
      throw new DeployError(
        [
          `error: not everything is up after ${duration(timeoutMs)}; Kubernetes keeps trying:`,
          ...pendingLines(pending, pods),
        ],
        exitCodes.notUp,
      );
    }
    view.waitingFor(found ? pendingText(pending) : 'the API');
    await interruption.pause(pauseMs);
  }
}

/** Undefined while the API does not answer, for example when the virtual IP moves. */
async function watch(kubectl: Kubectl): Promise<WorkloadObject[] | undefined> {
  try {
    return await kubectl.list<WorkloadObject>(watchedKinds, '-A', '--request-timeout=10s');
  } catch (error) {
    if (error instanceof KubectlError) return undefined;
    throw error;
  }
}

function pendingText(pending: readonly Pending[]): string {
  const names = pending.slice(0, shown).map(({ object }) => object.name);
  return `${names.join(', ')}${pending.length > shown ? ` and ${pending.length - shown} more` : ''}`;
}

function pendingLines(pending: readonly Pending[], pods: readonly PodObject[]): string[] {
  return pending.flatMap(({ object, state }) => [
    `  ${objectText(object)}: ${state}`,
    ...podTrouble(object, pods)
      .slice(0, shown)
      .map((reason) => `    ${reason}`),
  ]);
}
