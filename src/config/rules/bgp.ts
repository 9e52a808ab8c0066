import { familyOf, parseRange } from '../../net/address';
import type { Draft } from '../draft';
import { isAbsent } from '../draft';
import { quote, quoteOr } from '../quote';
import { known } from './known';
import { refersTo, unknownName } from './metallb';
import type { Finding } from './rule';

type DraftBgp = NonNullable<NonNullable<Draft['metallb']>['bgp']>;
type DraftPeer = NonNullable<NonNullable<DraftBgp['peers']>[number]>;

function peersOf(config: Draft): [index: number, peer: DraftPeer][] {
  return known(config.metallb?.bgp?.peers);
}

const path = (...rest: (string | number)[]) => ['metallb', 'bgp', ...rest];

/** Without a router there is nobody to announce to. */
export function* bgpModeNeedsBgp(config: Draft): Iterable<Finding> {
  const { metallb } = config;
  if (metallb?.mode !== 'bgp' || !isAbsent(metallb, 'bgp')) return;
  yield {
    path: ['metallb', 'mode'],
    message: "mode 'bgp' needs 'metallb.bgp': your AS number and the routers to announce to",
  };
}

/** Peers that nothing is announced to. */
export function* bgpIsUsed(
  config: Draft,
  written: (path: readonly (string | number)[]) => boolean,
): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (config.metallb?.mode !== 'l2' || !bgp?.peers?.length || bgp.advertisements?.length !== 0) return;
  yield {
    path: written(['metallb', 'mode']) ? ['metallb', 'mode'] : path(),
    ...(!written(['metallb', 'mode']) && { target: 'key' }),
    severity: 'warning',
    message:
      "nothing is announced to the peers of 'metallb.bgp': set 'metallb.mode' to 'bgp', or add 'advertisements'",
  };
}

/** A session goes to an address or over an interface. */
export function* peerHasOneEnd(config: Draft): Iterable<Finding> {
  for (const [index, peer] of peersOf(config)) {
    const [noAddress, noInterface] = [isAbsent(peer, 'address'), isAbsent(peer, 'interface')];
    if (noAddress !== noInterface) continue;
    yield {
      path: path('peers', index),
      message: noAddress
        ? `the peer ${quoteOr(peer.name, `peers[${index}]`)} has no remote end: give it an 'address', or an 'interface' for a session without addresses`
        : `the peer ${quoteOr(peer.name, `peers[${index}]`)} has two remote ends: delete 'address' or 'interface'`,
    };
  }
}

/** What MetalLB's own BGP cannot do (its `DiscardFRROnly`). */
const frrOnly = [
  'bfdProfile',
  'connectTime',
  'dualStack',
  'gracefulRestart',
  'interface',
  'keepaliveTime',
  'localAsn',
  'vrf',
] as const;

const needsFrr = "needs FRR: set 'metallb.bgp.backend' to 'frr-k8s', or delete this";

export function* nativeBackendLimits(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (bgp?.backend !== 'native') return;
  for (const [index, peer] of peersOf(config)) {
    for (const key of frrOnly) {
      if (peer[key] === undefined || peer[key] === false) continue;
      yield { path: path('peers', index, key), target: 'key', message: `${quote(key)} ${needsFrr}` };
    }
    if (typeof peer.asn === 'string') {
      yield { path: path('peers', index, 'asn'), message: `the AS ${quote(peer.asn)} ${needsFrr}` };
    }
  }
  if (bgp.bfdProfiles?.length) {
    yield { path: path('bfdProfiles'), target: 'key', message: `BFD ${needsFrr}` };
  }
  for (const [index, { communities }] of known(bgp.advertisements)) {
    for (const [n, community] of known(communities)) {
      if (!community.startsWith('large:')) continue;
      yield {
        path: path('advertisements', index, 'communities', n),
        message: `the large community ${quote(community)} ${needsFrr}`,
      };
    }
  }
  for (const [name, value] of Object.entries(bgp.communities ?? {})) {
    if (!value?.startsWith('large:')) continue;
    yield { path: path('communities', name), message: `the large community ${quote(value)} ${needsFrr}` };
  }
}

/** MetalLB's own BGP announces IPv4 only. */
export function* nativeBackendIsIpv4(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (bgp?.backend !== 'native' || !bgp.advertisements || bgp.advertisements.includes(undefined)) return;
  const lists = known(bgp.advertisements).map(([, advertisement]) => advertisement);
  if (lists.some(({ poolSelectors }) => !poolSelectors || poolSelectors.length > 0)) return;
  const all =
    lists.some(({ pools }) => pools?.length === 0) || (lists.length === 0 && config.metallb?.mode === 'bgp');
  for (const [index, pool] of known(config.metallb?.pools)) {
    if (!all && !lists.some(({ pools }) => pools?.includes(pool.name))) continue;
    for (const [n, text] of known(pool.addresses)) {
      if (parseRange(text)?.family !== 6) continue;
      yield {
        path: ['metallb', 'pools', index, 'addresses', n],
        message: `announcing the IPv6 addresses ${quote(text)} by BGP needs FRR: set 'metallb.bgp.backend' to 'frr-k8s', or leave this pool out of the advertisements`,
      };
    }
  }
}

/** Names in advertisements and peers have something behind them. */
export function* bgpReferencesExist(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  const names = (list: readonly ({ readonly name: string | undefined } | undefined)[] | undefined) =>
    list?.every((item) => item?.name !== undefined) ? list.map((item) => item?.name ?? '') : undefined;
  const [peers, profiles] = [names(bgp?.peers), names(bgp?.bfdProfiles)];
  for (const [index, advertisement] of known(bgp?.advertisements)) {
    if (peers) yield* refersTo(advertisement.peers, peers, path('advertisements', index, 'peers'), 'peer');
    const aliases = Object.keys(bgp?.communities ?? {});
    for (const [n, community] of known(advertisement.communities)) {
      if (isCommunity(community) || aliases.includes(community)) continue;
      const at = path('advertisements', index, 'communities', n);
      if (community.includes(':')) yield { path: at, message: notCommunity(community) };
      else yield unknownName(community, aliases, at, 'community');
    }
  }
  for (const [index, { bfdProfile }] of peersOf(config)) {
    if (!profiles || bfdProfile === undefined || profiles.includes(bfdProfile)) continue;
    yield unknownName(bfdProfile, profiles, path('peers', index, 'bfdProfile'), 'BFD profile');
  }
}

/** Names stand for communities that MetalLB can read. */
export function* communitiesAreValid(config: Draft): Iterable<Finding> {
  for (const [name, value] of Object.entries(config.metallb?.bgp?.communities ?? {})) {
    if (value === undefined || isCommunity(value)) continue;
    yield { path: path('communities', name), message: notCommunity(value) };
  }
}

function notCommunity(text: string): string {
  return `${quote(text)} is not a community: write it like 65000:100 or large:65000:1:2`;
}

/** Standard: two numbers of two bytes; large: three of four bytes (RFC 1997, RFC 8092). */
function isCommunity(text: string): boolean {
  const large = text.startsWith('large:');
  const parts = (large ? text.slice('large:'.length) : text).split(':');
  const most = large ? 4294967295 : 65535;
  return (
    parts.length === (large ? 3 : 2) && parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= most)
  );
}

/** Single services cannot be announced as part of a larger network. */
export function* aggregationWithoutServices(config: Draft): Iterable<Finding> {
  for (const [index, advertisement] of known(config.metallb?.bgp?.advertisements)) {
    const { serviceSelectors, aggregationLength, aggregationLengthV6 } = advertisement;
    if (!serviceSelectors?.length) continue;
    for (const [key, value, whole] of [
      ['aggregationLength', aggregationLength, 32],
      ['aggregationLengthV6', aggregationLengthV6, 128],
    ] as const) {
      if (value === undefined || value === whole) continue;
      yield {
        path: path('advertisements', index, key),
        message: `'serviceSelectors' announce single addresses: set ${quote(key)} to ${whole}, or delete the selectors`,
      };
    }
  }
}

/** Inside one AS there is no multi-hop to allow. */
export function* multiHopIsExternal(config: Draft): Iterable<Finding> {
  const own = config.metallb?.bgp?.asn;
  for (const [index, { asn, myAsn, ebgpMultiHop }] of peersOf(config)) {
    if (!ebgpMultiHop || asn === undefined || asn !== (myAsn ?? own)) continue;
    yield {
      path: path('peers', index, 'ebgpMultiHop'),
      message: `the peer is in our own AS ${quote(asn)}, where 'ebgpMultiHop' has no meaning: delete it`,
    };
  }
}

/** With FRR, the sessions of a node share one router. */
export function* frrPeersAgree(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (bgp?.backend === undefined || bgp.backend === 'native') return;
  // Peers of different nodes may differ; which nodes they are is known to the cluster only.
  const everywhere = peersOf(config).filter(([, peer]) => peer.nodeSelectors?.length === 0);
  const [first] = everywhere;
  for (const [index, peer] of everywhere.slice(1)) {
    if (first && peer.routerId !== first[1].routerId) {
      yield {
        path: path('peers', index),
        message: `the peers ${quoteOr(first[1].name, `peers[${first[0]}]`)} and ${quoteOr(peer.name, `peers[${index}]`)} differ in 'routerId': with FRR all peers of a node have the same`,
      };
    }
    if (first && (peer.myAsn ?? bgp.asn) !== (first[1].myAsn ?? bgp.asn) && peer.vrf === first[1].vrf) {
      yield {
        path: path('peers', index, 'myAsn'),
        message: `the peers ${quoteOr(first[1].name, `peers[${first[0]}]`)} and ${quoteOr(peer.name, `peers[${index}]`)} differ in 'myAsn': with FRR use 'localAsn' for the one that is different`,
      };
    }
  }
}

/** BFD's echo packets exist for IPv4 only. */
export function* noEchoForIpv6(config: Draft): Iterable<Finding> {
  const echo = known(config.metallb?.bgp?.bfdProfiles).flatMap(([, profile]) =>
    profile.echoMode ? [profile.name] : [],
  );
  for (const [index, { address, bfdProfile }] of peersOf(config)) {
    if (address === undefined || familyOf(address) !== 6 || !bfdProfile || !echo.includes(bfdProfile))
      continue;
    yield {
      path: path('peers', index, 'bfdProfile'),
      message: `the BFD profile ${quote(bfdProfile)} uses echo packets, which do not work with IPv6: choose one without 'echoMode'`,
    };
  }
}
