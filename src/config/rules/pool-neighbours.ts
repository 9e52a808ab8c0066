import { familyOf } from '../../net/address';
import { type Draft, isAbsent } from '../draft';
import { quoteOr } from '../quote';
import { known, nameOf } from './known';
import { poolsWithout } from './pools';
import type { Finding } from './rule';

/** Addresses of machines that are not nodes, and whose they are. */
function* otherMachines(config: Draft): Iterable<readonly [address: string | undefined, whose: string]> {
  yield [config.ssh?.bastion?.address, 'the bastion'];
  for (const [, host] of known(config.hosts)) {
    if (!isAbsent(host, 'nodeIps')) yield [host.address, `${nameOf(host)} for SSH`];
    yield [host.ssh?.bastion?.address, `the bastion of ${nameOf(host)}`];
  }
  for (const [index, { name, address }] of known(config.metallb?.bgp?.peers))
    yield [address, `the peer ${quoteOr(name, `peers[${index}]`)}`];
  for (const url of [config.proxy?.http, config.proxy?.https])
    yield [url === undefined ? undefined : hostOf(url), 'the proxy'];
  yield [config.database?.backup?.nfs?.server, 'the server of the backups'];
  yield [config.nfs?.external?.server, 'the NFS server'];
}

function hostOf(url: string): string | undefined {
  return /^https?:\/\/\[?([^/\]]+?)\]?(:\d+)?\/?$/.exec(url)?.[1];
}

/** A service must not get the address of a machine that the file names elsewhere. */
export function poolsWithoutOthers(config: Draft): Iterable<Finding> {
  const named = [...otherMachines(config)].flatMap(([address, whose]) =>
    address !== undefined && familyOf(address) ? [[address, whose] as const] : [],
  );
  return poolsWithout(config, named);
}
