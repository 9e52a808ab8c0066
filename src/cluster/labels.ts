/** What an object belongs to, in the terms of Kubernetes' recommended labels. */
export interface Application {
  /** `metallb` */
  readonly name: string;
  /** Release of the application: `0.16.2`. @default - none, for what has no releases */
  readonly version?: string;
}

/**
 * Value of `app.kubernetes.io/managed-by` on every object of the manifests: only objects with it may be
 * pruned.
 */
export const managedBy = 'k3s-cdk';

/** Labels of every object: what manages it, what it is, which cluster it is part of. */
export function objectLabels(application: Application, cluster: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': application.name,
    ...(application.version !== undefined && { 'app.kubernetes.io/version': application.version }),
    'app.kubernetes.io/part-of': cluster,
    'app.kubernetes.io/managed-by': managedBy,
  };
}

/**
 * Labels that distinguish the pods of one component from all others. Selectors are immutable, so nothing that
 * changes.
 */
export function podLabels(name: string, component: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': component };
}
