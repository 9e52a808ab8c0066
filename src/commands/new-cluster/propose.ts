import { nodeNetworks } from '../../config/node-networks';
import { type AddressRange, addressIn, contains, familyOf, overlaps, parseRange } from '../../net/address';
import type { ClusterFlags } from './flags';
import { place } from './hosts';

/**
 * Addresses in the hosts' subnet that are not in `taken`. Whether they are free is unknown: people are asked,
 * or find them in a comment.
 */
export interface Proposals {
  readonly subnet: string;
  readonly virtualIp: string;
  /** `first-last` of twenty addresses. */
  readonly pool: string;
}

/** Where routers' own ranges seldom are: low for one address, high for many. */
const virtualIps = [5, 6, 7, 8, 9, 250, 240, 230];
const poolStarts = [200, 220, 180, 160, 140, 120, 100, 60, 30];
const poolSize = 20;

/** For a partially known cluster. */
export function proposalsFor({
  server,
  agent,
  database,
  nfs,
  pool,
  vip,
}: ClusterFlags): Proposals | undefined {
  const hosts = [...server, ...(database === undefined ? [] : [database]), ...agent];
  const storage = nfs === undefined || nfs === 'none' ? [] : [nfs];
  const addresses = [...hosts, ...storage].map((text) => place(text).address);
  return propose([...addresses, ...pool, ...(vip === undefined ? [] : [vip])]);
}

/** Undefined if there is nothing to derive them from: no address, or a full subnet. */
function propose(taken: readonly string[]): Proposals | undefined {
  const first = taken[0];
  if (first === undefined || familyOf(first) === undefined) return undefined;
  const [subnet = ''] = nodeNetworks(undefined, [first]);
  const ranges = taken.flatMap((text) => parseRange(text) ?? []);
  const isFree = (range: AddressRange | undefined) =>
    range !== undefined && !ranges.some((other) => overlaps(range, other));

  const pool = poolStarts
    .map((start) => `${addressIn(subnet, start)}-${addressIn(subnet, start + poolSize)}`)
    .find((range) => isFree(parseRange(range)));
  const virtualIp = virtualIps
    .map((number) => addressIn(subnet, number))
    .find((address) => isFree(parseRange(address)) && !isIn(address, pool));
  return pool === undefined || virtualIp === undefined ? undefined : { subnet, virtualIp, pool };
}

function isIn(address: string, pool: string | undefined): boolean {
  const [inner, outer] = [parseRange(address), pool === undefined ? undefined : parseRange(pool)];
  return inner !== undefined && outer !== undefined && contains(outer, inner);
}
