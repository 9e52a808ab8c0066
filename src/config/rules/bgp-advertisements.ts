import { type AddressRange, parseRange, shortestPrefix } from '../../net/address';
import type { Draft } from '../draft';
import { quote, quoteOr } from '../quote';
import { bgpPath, type DraftAdvertisement, echoProfiles, peersOf } from './bgp';
import { known } from './known';
import { type Labels, selects } from './label-selectors';
import { refersTo } from './metallb';
import { shareNode } from './node-labels';
import type { Finding } from './rule';

type DraftPool = NonNullable<NonNullable<NonNullable<Draft['metallb']>['pools']>[number]>;

/** An address of a pool: a network or a range. */
interface Address {
  readonly text: string;
  readonly range: AddressRange;
  readonly path: (string | number)[];
}

interface Pool {
  readonly pool: DraftPool;
  readonly addresses: readonly Address[];
}

/** What an advertisement announces for certain. Without an index: the one that mode `bgp` has by default. */
interface Announcement {
  readonly index?: number;
  readonly advertisement: DraftAdvertisement;
  readonly pools: readonly Pool[];
}

function announcements({ metallb }: Draft): Announcement[] {
  const pools = known(metallb?.pools).map(([index, pool]) => ({ pool, addresses: addressesOf(pool, index) }));
  const { advertisements } = metallb?.bgp ?? {};
  if (metallb?.mode === 'bgp' && advertisements?.length === 0) {
    return [{ advertisement: everything as unknown as DraftAdvertisement, pools }];
  }
  return known(advertisements).map(([index, advertisement]) => ({
    index,
    advertisement,
    pools: pools.filter(({ pool }) => picks(advertisement, pool)),
  }));
}

const everything = { peers: [], nodeSelectors: [], serviceSelectors: [] };

function addressesOf({ addresses }: DraftPool, index: number): Address[] {
  return known(addresses).flatMap(([n, text]) => {
    const range = parseRange(text);
    return range ? [{ text, range, path: ['metallb', 'pools', index, 'addresses', n] }] : [];
  });
}

function picks({ pools, poolSelectors }: DraftAdvertisement, pool: DraftPool): boolean {
  if (pools?.length === 0 && poolSelectors?.length === 0) return true;
  if (pool.name !== undefined && pools?.includes(pool.name)) return true;
  return selects(poolSelectors, labelsOf(pool)) === true;
}

/** The labels of a pool; the file does not determine the values of Kubernetes' recommended ones. */
function labelsOf({ labels }: DraftPool): Labels {
  return (key) => {
    if (labels === undefined || key.startsWith('app.kubernetes.io/')) return undefined;
    return Object.hasOwn(labels, key) ? labels[key] : null;
  };
}

/** MetalLB's own BGP announces IPv4 only. */
export function* nativeBackendIsIpv4(config: Draft): Iterable<Finding> {
  if (config.metallb?.bgp?.backend !== 'native') return;
  const announced = announcements(config).flatMap(({ pools }) => pools.flatMap(({ addresses }) => addresses));
  for (const { text, range, path } of new Set(announced)) {
    if (range.family === 4) continue;
    yield {
      path,
      message: `announcing the IPv6 addresses ${quote(text)} by BGP needs FRR: set 'metallb.bgp.backend' to 'frr-k8s', or leave this pool out of the advertisements`,
    };
  }
}

/** Only FRR-K8s can prepend to the AS path. */
export function* prependNeedsFrrK8s(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (bgp?.backend === undefined || bgp.backend === 'frr-k8s') return;
  for (const [index, { asPathPrepend }] of known(bgp.advertisements)) {
    if (asPathPrepend === undefined) continue;
    yield {
      path: bgpPath('advertisements', index, 'asPathPrepend'),
      target: 'key',
      message: "'asPathPrepend' needs FRR-K8s: set 'metallb.bgp.backend' to 'frr-k8s', or delete this",
    };
  }
}

/** An advertisement to a peer that does not exist reaches nobody. */
export function* advertisedPeersExist(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  const names = bgp?.peers?.map((peer) => peer?.name);
  if (!names?.every((name) => name !== undefined)) return;
  for (const [index, { peers }] of known(bgp?.advertisements)) {
    yield* refersTo(peers, names, bgpPath('advertisements', index, 'peers'), 'peer');
  }
}

/** Single services cannot be announced as part of a larger network. */
export function* aggregationWithoutServices(config: Draft): Iterable<Finding> {
  for (const [index, advertisement] of known(config.metallb?.bgp?.advertisements)) {
    if (!advertisement.serviceSelectors?.length) continue;
    for (const { key, whole } of aggregations) {
      const length = advertisement[key];
      if (length === undefined || length === whole) continue;
      yield {
        path: bgpPath('advertisements', index, key),
        message: `'serviceSelectors' announce single addresses: set ${quote(key)} to ${whole}, or delete the selectors`,
      };
    }
  }
}

const aggregations = [
  { key: 'aggregationLength', family: 4, whole: 32 },
  { key: 'aggregationLengthV6', family: 6, whole: 128 },
] as const;

/** A pool cannot be announced as part of a network that is larger than it. */
export function* aggregationFitsPools(config: Draft): Iterable<Finding> {
  for (const { index, advertisement, pools } of announcements(config)) {
    for (const { key, family, whole } of aggregations) {
      const length = advertisement[key];
      // With selected services, any aggregation is rejected.
      if (index === undefined || length === undefined || advertisement.serviceSelectors?.length) continue;
      const smallest = pools
        .flatMap(({ pool, addresses }) => addresses.map((address) => ({ ...address, pool: pool.name })))
        .filter(({ range }) => range.family === family)
        .map((address) => ({ ...address, prefix: shortestPrefix(address.range) }))
        .sort((a, b) => b.prefix - a.prefix)
        .at(0);
      if (!smallest || smallest.prefix <= length) continue;
      yield {
        path: bgpPath('advertisements', index, key),
        message: `${quote(smallest.text)} of the pool ${quoteOr(smallest.pool, 'without a name')} is smaller than a /${length}: set ${quote(key)} to a number from ${smallest.prefix} to ${whole}, or leave the pool out`,
      };
    }
  }
}

/** Routers must hear the same about an address from all advertisements that announce it. */
export function* announcementsAgree(config: Draft): Iterable<Finding> {
  // It is not known here which services the selectors of an advertisement pick.
  const all = announcements(config).filter(
    ({ advertisement }) => advertisement.serviceSelectors?.length === 0,
  );
  for (const [n, later] of all.entries()) {
    for (const key of ['localPref', 'asPathPrepend'] as const) {
      const other = all
        .slice(0, n)
        .find((earlier) => differ(earlier, later, key) && overlap(config, earlier, later) !== undefined);
      const pool = other && overlap(config, other, later);
      if (!other || !pool) continue;
      const [earlier, now] = [other.advertisement, later.advertisement];
      const names = `${quoteOr(earlier.name, 'one')} and ${quoteOr(now.name, 'another')}`;
      yield {
        path: bgpPath('advertisements', later.index ?? 0, key),
        other: bgpPath('advertisements', other.index ?? 0),
        message: `the advertisements ${names} announce the pool ${quoteOr(pool.pool.name, 'without a name')} to the same peers with different ${quote(key)}, ${earlier[key] ?? 'none'} and ${now[key] ?? 'none'}: give both the same, or tell them apart by 'peers' or 'nodeSelectors'`,
      };
    }
  }
}

function differ(a: Announcement, b: Announcement, key: 'localPref' | 'asPathPrepend'): boolean {
  return (a.advertisement[key] ?? 0) !== (b.advertisement[key] ?? 0);
}

/** A pool for which both announce the same prefixes to the same peers from the same node. */
function overlap(config: Draft, a: Announcement, b: Announcement): Pool | undefined {
  const [one, two] = [a.advertisement, b.advertisement];
  const peers =
    one.peers?.length === 0 ||
    two.peers?.length === 0 ||
    one.peers?.some((peer) => two.peers?.includes(peer));
  if (!peers || !shareNode(config, one.nodeSelectors, two.nodeSelectors)) return undefined;
  return a.pools.find((pool) => b.pools.includes(pool) && samePrefixes(one, two, pool));
}

/** To MetalLB, prefixes differ if all families of the pool are aggregated to different lengths. */
function samePrefixes(a: DraftAdvertisement, b: DraftAdvertisement, { addresses }: Pool): boolean {
  const families = aggregations.filter(({ family }) =>
    addresses.some(({ range }) => range.family === family),
  );
  return families.some(({ key }) => a[key] === b[key]);
}

/** BFD's echo packets are IPv4, so MetalLB rejects announcing IPv6 to a peer with them. */
export function* noEchoForIpv6Pools(config: Draft): Iterable<Finding> {
  const echo = echoProfiles(config);
  const all = announcements(config).flatMap(({ advertisement, pools }) =>
    pools.flatMap(({ pool, addresses }) =>
      addresses.filter(({ range }) => range.family === 6).map(({ text }) => ({ advertisement, pool, text })),
    ),
  );
  for (const [index, { name, bfdProfile }] of peersOf(config)) {
    if (bfdProfile === undefined || !echo.includes(bfdProfile)) continue;
    const heard = all.find(({ advertisement: { peers } }) => peers?.length === 0 || peers?.includes(name));
    if (!heard) continue;
    yield {
      path: bgpPath('peers', index, 'bfdProfile'),
      message: `the BFD profile ${quote(bfdProfile)} uses echo packets, and MetalLB refuses to announce IPv6 addresses such as ${quote(heard.text)} of the pool ${quoteOr(heard.pool.name, 'without a name')} to such a peer: choose a profile without 'echoMode', or leave the peer or the pool out of the advertisement`,
    };
  }
}
