import { type Draft, isAbsent } from '../draft';
import { quoteOr } from '../quote';
import { hostsWith, nameOf } from './known';
import type { Finding, Written } from './rule';

/** The class of the cluster has one server behind it. */
export function* oneNfsServer(config: Draft, written: Written): Iterable<Finding> {
  const { nfs } = config;
  if (!nfs || isAbsent(nfs, 'external')) return;
  for (const [index, host] of hostsWith(config, 'nfs')) {
    yield {
      path: ['hosts', index, 'roles', host.roles?.indexOf('nfs') ?? 0],
      message: `${nameOf(host, index)} is an NFS server, and so is ${quoteOr(nfs.external?.server, 'the one')} of 'nfs.external': take the role away, or delete 'external'`,
    };
  }
  if (!written(['nfs', 'path'])) return;
  yield {
    path: ['nfs', 'path'],
    target: 'key',
    message: "'nfs.path' is of the host with the role 'nfs': set 'nfs.external.path' instead",
  };
}
