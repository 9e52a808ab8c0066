import { type Draft, isAbsent } from '../draft';
import { quoteOr } from '../quote';
import { hostsWith, nameOf } from './known';
import type { Finding, Written } from './rule';

/** The cluster's storage class has a single server. */
export function* oneNfsServer(config: Draft, written: Written): Iterable<Finding> {
  const { nfs } = config;
  if (!nfs || isAbsent(nfs, 'external')) return;
  for (const [index, host] of hostsWith(config, 'nfs')) {
    yield {
      path: ['hosts', index, 'roles', host.roles?.indexOf('nfs') ?? 0],
      message: `${nameOf(host)} is an NFS server, and so is ${quoteOr(nfs.external?.server, 'the one')} of 'nfs.external': take the role away, or delete 'external'`,
    };
  }
  const remedies = { path: "set 'nfs.external.path' instead", adopt: 'delete it' };
  for (const [key, remedy] of Object.entries(remedies)) {
    if (!written(['nfs', key])) continue;
    yield {
      path: ['nfs', key],
      target: 'key',
      message: `'nfs.${key}' is of the host with the role 'nfs': ${remedy}`,
    };
  }
}
