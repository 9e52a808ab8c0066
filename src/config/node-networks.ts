import { familyOf, networkOf } from '../net/address';

/** The subnets of the hosts: what cluster.yaml says, or the /24 (IPv4) and /64 (IPv6) of the first server. */
export function nodeNetworks(
  declared: readonly string[] | undefined,
  firstServerIps: readonly string[],
): readonly string[] {
  return declared ?? firstServerIps.map((ip) => networkOf(ip, familyOf(ip) === 6 ? 64 : 24));
}
