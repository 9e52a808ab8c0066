import type { ObjectName } from './objects';

/** The parts of a pod that show why it does not run. */
export interface PodObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

/** Why pods of a workload do not run, as far as they show it: `controller-5f…: ImagePullBackOff: …`. */
export function podTrouble({ namespace, name }: ObjectName, pods: readonly PodObject[]): string[] {
  return pods
    .filter((pod) => pod.metadata.namespace === namespace && pod.metadata.name.startsWith(`${name}-`))
    .flatMap(({ metadata, status }) => {
      const reason = waitingReason(status) ?? unschedulable(status);
      return reason === undefined ? [] : [`${metadata.name}: ${reason}`];
    });
}

function waitingReason(status: PodObject['status']): string | undefined {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { state } of containers) {
    const { reason, message } = state?.waiting ?? {};
    // On its way, not in trouble.
    if (reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing') continue;
    return message === undefined ? reason : `${reason}: ${message}`;
  }
  return undefined;
}

function unschedulable(status: PodObject['status']): string | undefined {
  return status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
    ?.message;
}
