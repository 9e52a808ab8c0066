import type { Host } from './topology';

/** Terraform variable: names of hosts whose steps are left to another apply, because they are off. */
export const deferredVariable = 'deferred';

/** Whether the cluster can be changed without a host: when it only runs pods. */
export function isDeferrable({ roles }: Pick<Host, 'roles'>): boolean {
  return roles.every((role) => role === 'agent');
}
