import { fingerprint } from '../model/known-hosts';
import type { Host } from '../model/topology';

/**
 * What distinguishes a machine from another one of the same name: the fingerprint of its SSH host key, or
 * `unknown`.
 */
export function machineIdentity({ hostKey }: Host): string {
  return hostKey === undefined ? 'unknown' : fingerprint({ key: hostKey.split(' ')[1] ?? '' });
}

/** The same as people review it: any machine. */
export const reviewedMachine = '<machine>';
