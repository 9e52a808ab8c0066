import type { EnvVar } from 'cdk8s-plus-28/lib/imports/k8s';

/** An environment variable that Kubernetes fills from the pod itself: `status.podIP`. */
export function fromField(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
