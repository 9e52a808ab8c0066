import { type ObjectName, objectKey } from './objects';

/** What waiting for a rollout checks, as in the API. */
export interface WorkloadObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly generation?: number };
  readonly spec?: { readonly replicas?: number };
  readonly status?: Readonly<Record<string, unknown>> & {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export interface Pending {
  readonly object: ObjectName;
  /** `0 of 1 ready`. */
  readonly state: string;
}

/** What is requested from the API, in one call. */
export const watchedKinds = 'nodes,deployments,daemonsets,statefulsets,jobs';

/** Objects that have something to start, and nodes. */
export function workloadsOf(objects: readonly ObjectName[]): ObjectName[] {
  return objects.flatMap((object) => {
    if (['Node', 'Deployment', 'DaemonSet', 'StatefulSet', 'Job'].includes(object.kind)) return [object];
    // k3s's Helm controller installs a chart with a job beside it.
    if (object.kind === 'HelmChart') return [{ ...object, kind: 'Job', name: `helm-install-${object.name}` }];
    return [];
  });
}

/** Which of them are not up yet. */
export function pendingWorkloads(
  workloads: readonly ObjectName[],
  found: readonly WorkloadObject[],
): Pending[] {
  const byName = new Map(
    found.map((object) => [objectKey({ kind: object.kind, ...object.metadata }), object]),
  );
  const off = found.filter(({ kind }) => kind === 'Node').length - readyNodes(found);
  return workloads.flatMap((object) => {
    const state = pendingState(byName.get(objectKey(object)), off);
    return state === undefined ? [] : [{ object, state }];
  });
}

export function readyNodes(found: readonly WorkloadObject[]): number {
  return found.filter((object) => object.kind === 'Node' && isReady(object)).length;
}

function isReady({ status }: WorkloadObject): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/**
 * Undefined when it is up.
 *
 * @param off nodes that are not ready: steps have waited for those that are on
 */
function pendingState(object: WorkloadObject | undefined, off: number): string | undefined {
  if (!object) return 'not started';
  const { kind, metadata, spec, status } = object;
  const count = (name: string) => Number(status?.[name] ?? 0);
  if (kind === 'Node') return isReady(object) ? undefined : 'not ready';
  if (kind === 'Job') {
    if (count('succeeded') > 0) return undefined;
    return count('failed') > 0 ? `failed ${count('failed')} times, will be retried` : 'running';
  }
  if (count('observedGeneration') < (metadata.generation ?? 0)) return 'not observed by its controller yet';
  const [wanted, updated, available] =
    kind === 'DaemonSet'
      ? [count('desiredNumberScheduled'), count('updatedNumberScheduled'), count('numberAvailable')]
      : [spec?.replicas ?? 1, count('updatedReplicas'), count('availableReplicas')];
  // Pods of the old version are still there.
  const surplus = kind === 'Deployment' && count('replicas') > updated;
  const expected = kind === 'DaemonSet' ? Math.max(0, wanted - off) : wanted;
  if (updated >= expected && available >= expected && !surplus) return undefined;
  return `${Math.min(updated, available)} of ${wanted} ready`;
}
