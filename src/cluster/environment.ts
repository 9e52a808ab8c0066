import type { EnvVar } from 'cdk8s-plus-28/lib/imports/k8s';

/**
 * An environment variable that Kubernetes fills from the pod itself: `status.podIP`. The default of
 * apiVersion is written out: to a server-side apply a reference is one value, which would count as changed.
 */
export function fromField(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}
