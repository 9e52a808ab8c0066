import { familyOf } from '../../net/address';
import type { Draft } from '../draft';
import { isAbsent } from '../draft';
import { goDuration, second, wholeSeconds } from '../go-duration';
import { quote, quoteOr } from '../quote';
import { bgpPath, type DraftPeer, echoProfiles, needsFrr, peersOf } from './bgp';
import { unknownName } from './metallb';
import { shareNode } from './node-labels';
import type { Finding } from './rule';

const nameOf = (peer: DraftPeer, index: number) => quoteOr(peer.name, `peers[${index}]`);

/** A session goes to an address or over an interface. */
export function* peerHasOneEnd(config: Draft): Iterable<Finding> {
  for (const [index, peer] of peersOf(config)) {
    const [noAddress, noInterface] = [isAbsent(peer, 'address'), isAbsent(peer, 'interface')];
    if (noAddress !== noInterface) continue;
    yield {
      path: bgpPath('peers', index),
      message: noAddress
        ? `the peer ${nameOf(peer, index)} has no remote end: give it an 'address', or an 'interface' for a session without addresses`
        : `the peer ${nameOf(peer, index)} has two remote ends: delete 'address' or 'interface'`,
    };
  }
}

/** What MetalLB's own BGP cannot do. A keepalive time of 0 is one that is not set. */
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

export function* nativeBackendLimits(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (bgp?.backend !== 'native') return;
  for (const [index, peer] of peersOf(config)) {
    for (const key of frrOnly) {
      const value = peer[key];
      if (value === undefined || value === false) continue;
      if (key === 'keepaliveTime' && goDuration(String(value)) === 0n) continue;
      yield { path: bgpPath('peers', index, key), target: 'key', message: `${quote(key)} ${needsFrr}` };
    }
    if (typeof peer.asn === 'string') {
      yield { path: bgpPath('peers', index, 'asn'), message: `the AS ${quote(peer.asn)} ${needsFrr}` };
    }
  }
  if (bgp.bfdProfiles?.length) {
    yield { path: bgpPath('bfdProfiles'), target: 'key', message: `BFD ${needsFrr}` };
  }
}

/** What MetalLB does not pass on to FRR-K8s. */
export function* frrK8sIgnores(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (bgp?.backend !== 'frr-k8s') return;
  for (const [index, peer] of peersOf(config)) {
    for (const key of ['localAsn', 'sourceAddress'] as const) {
      if (peer[key] === undefined) continue;
      yield {
        path: bgpPath('peers', index, key),
        target: 'key',
        severity: 'warning',
        message: `MetalLB does not hand ${quote(key)} on to FRR-K8s: it has no effect, so delete it, or set 'metallb.bgp.backend' to 'frr'`,
      };
    }
  }
}

/** A peer's BFD profile exists. */
export function* bfdProfilesExist(config: Draft): Iterable<Finding> {
  const names = config.metallb?.bgp?.bfdProfiles?.map((profile) => profile?.name);
  if (!names?.every((name) => name !== undefined)) return;
  for (const [index, { bfdProfile }] of peersOf(config)) {
    if (bfdProfile === undefined || names.includes(bfdProfile)) continue;
    yield unknownName(bfdProfile, names, bgpPath('peers', index, 'bfdProfile'), 'BFD profile');
  }
}

/** Multi-hop does not apply within one AS. */
export function* multiHopIsExternal(config: Draft): Iterable<Finding> {
  const own = config.metallb?.bgp?.asn;
  for (const [index, { asn, myAsn, ebgpMultiHop }] of peersOf(config)) {
    if (!ebgpMultiHop || asn === undefined || asn !== (myAsn ?? own)) continue;
    yield {
      path: bgpPath('peers', index, 'ebgpMultiHop'),
      message: `the peer is in our own AS ${quote(asn)}, where 'ebgpMultiHop' has no meaning: delete it`,
    };
  }
}

/** With FRR, the sessions of a node share one router. */
export function* frrPeersAgree(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (bgp?.backend === undefined || bgp.backend === 'native') return;
  const peers = peersOf(config);
  for (const [n, [index, peer]] of peers.entries()) {
    const earlier = peers
      .slice(0, n)
      .filter(([, other]) => shareNode(config, peer.nodeSelectors, other.nodeSelectors));
    for (const { differs, key, advice } of disagreements(bgp.asn)) {
      const other = earlier.find(([, each]) => differs(peer, each));
      if (!other) continue;
      const names = `${nameOf(other[1], other[0])} and ${nameOf(peer, index)}`;
      yield {
        path: bgpPath('peers', index, key(peer)),
        other: bgpPath('peers', other[0]),
        message: `the peers ${names} ${advice}`,
      };
    }
  }
}

interface Disagreement {
  readonly differs: (a: DraftPeer, b: DraftPeer) => boolean;
  readonly key: (peer: DraftPeer) => string;
  readonly advice: string;
}

function disagreements(asn: number | undefined): Disagreement[] {
  return [
    {
      differs: (a, b) => a.routerId !== b.routerId,
      key: () => 'routerId',
      advice: "differ in 'routerId': with FRR all peers of a node have the same",
    },
    {
      differs: (a, b) => endOf(a) !== undefined && endOf(a) === endOf(b),
      key: (peer) => (peer.address === undefined ? 'interface' : 'address'),
      advice:
        "have the same remote end: with FRR a node holds one session with it, so delete one, or give them 'nodeSelectors' that no node matches both of",
    },
    {
      differs: (a, b) => (a.myAsn ?? asn) !== (b.myAsn ?? asn) && a.vrf === b.vrf,
      key: () => 'myAsn',
      advice: "differ in 'myAsn': with FRR all peers of a node and VRF have the same",
    },
  ];
}

/** How MetalLB identifies the sessions of a node. */
function endOf({ address, interface: port, vrf }: DraftPeer): string | undefined {
  const end = address ?? port;
  return end === undefined || vrf === undefined ? end : `${end}-${vrf}`;
}

/** BGP counts a hold time in two bytes. */
const longestHoldTime = 65535n * second;

/** As MetalLB does, which counts nanoseconds in 64 bits. */
const tripled = (duration: bigint) => BigInt.asIntN(64, duration * 3n);

/** A hold time is zero or at least three seconds, and not shorter than the keepalive time. */
export function* timersFit(config: Draft): Iterable<Finding> {
  for (const [index, { holdTime, keepaliveTime }] of peersOf(config)) {
    const key = holdTime === undefined ? 'keepaliveTime' : 'holdTime';
    const at = bgpPath('peers', index, key);
    const keepalive = keepaliveTime === undefined ? undefined : goDuration(keepaliveTime);
    const hold = holdTime === undefined ? keepalive && tripled(keepalive) : goDuration(holdTime);
    if (hold === undefined) continue;
    const said = holdTime === undefined ? `three times ${quote(keepaliveTime ?? '')}` : quote(holdTime);
    if (hold / second !== 0n && hold / second < 3n) {
      yield {
        path: at,
        message: `a hold time of ${said} is too short: take three seconds or more, or 0s for none`,
      };
    } else if ((keepalive ?? hold / 3n) > hold) {
      yield {
        path: bgpPath('peers', index, keepaliveTime === undefined ? key : 'keepaliveTime'),
        message:
          keepaliveTime === undefined
            ? `a hold time of ${said} is none: take three seconds or more, or 0s for none`
            : `${quote(keepaliveTime)} is longer than the hold time of ${said}: take a third of it`,
      };
    } else if (hold > longestHoldTime) {
      yield {
        path: at,
        severity: 'warning',
        message: `a hold time of ${said} is more than the 65535 seconds that BGP can count: take a shorter one`,
      };
    }
  }
}

/** The API server accepts MetalLB's connect time only in whole seconds. */
export function* connectTimesFit(config: Draft): Iterable<Finding> {
  for (const [index, { connectTime }] of peersOf(config)) {
    const duration = connectTime === undefined ? undefined : goDuration(connectTime);
    if (connectTime === undefined || duration === undefined) continue;
    const path = bgpPath('peers', index, 'connectTime');
    const seconds = duration / second;
    if (seconds < 1n || seconds > 65535n) {
      yield { path, message: `a connect time of ${quote(connectTime)} is out of range: take 1s to 65535s` };
    } else if (wholeSeconds(connectTime) !== connectTime) {
      yield {
        path,
        severity: 'warning',
        message: `MetalLB counts whole seconds: ${quote(connectTime)} becomes ${quote(wholeSeconds(connectTime))}, so write that`,
      };
    }
  }
}

/** FRR has no echo packets for IPv6. */
export function* noEchoForIpv6(config: Draft): Iterable<Finding> {
  const echo = echoProfiles(config);
  for (const [index, { address, bfdProfile }] of peersOf(config)) {
    if (address === undefined || familyOf(address) !== 6 || !bfdProfile || !echo.includes(bfdProfile))
      continue;
    yield {
      path: bgpPath('peers', index, 'bfdProfile'),
      severity: 'warning',
      message: `the BFD profile ${quote(bfdProfile)} uses echo packets, which do not work with IPv6: choose one without 'echoMode'`,
    };
  }
}
