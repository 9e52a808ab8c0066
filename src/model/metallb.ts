import type { Config, MetallbConfig } from '../config/config';
import { wholeSeconds } from '../config/go-duration';

type L2Advertisement = MetallbConfig['l2']['advertisements'][number];
type Bgp = NonNullable<MetallbConfig['bgp']>;
type BgpAdvertisement = Bgp['advertisements'][number];

/** Who speaks BGP; `none` when no peer is configured. */
export type BgpBackend = Bgp['backend'] | 'none';

/** MetalLB with its default advertisements filled in. */
export interface Metallb {
  readonly pools: MetallbConfig['pools'];
  readonly l2Advertisements: readonly L2Advertisement[];
  readonly bgpAdvertisements: readonly BgpAdvertisement[];
  readonly peers: readonly Peer[];
  readonly bfdProfiles: Bgp['bfdProfiles'];
  readonly communities: Bgp['communities'];
  readonly backend: BgpBackend;
  readonly logLevel: MetallbConfig['logLevel'];
  readonly loadBalancerClass?: string;
  /** Whether k3s's ServiceLB looks after the services that have no class. */
  readonly serviceLB: boolean;
  readonly speaker: MetallbConfig['speaker'];
}

export type Peer = Bgp['peers'][number] & { readonly myAsn: number };

const everything = { pools: [], poolSelectors: [], nodeSelectors: [], serviceSelectors: [] };

/** Without advertisements of its own, a mode announces every pool. */
export function metallb(config: Config['metallb']): Metallb | undefined {
  if (!config) return undefined;
  const { pools, mode, l2, bgp, logLevel, loadBalancerClass, serviceLB, speaker } = config;
  return {
    pools,
    l2Advertisements:
      mode === 'l2' && l2.advertisements.length === 0
        ? [{ ...everything, name: 'default', interfaces: [], preferredNodeSelectors: [] }]
        : l2.advertisements,
    bgpAdvertisements:
      mode === 'bgp' && !bgp?.advertisements.length
        ? [
            {
              ...everything,
              name: 'default',
              peers: [],
              communities: [],
              aggregationLength: 32,
              aggregationLengthV6: 128,
            },
          ]
        : (bgp?.advertisements ?? []),
    peers: (bgp?.peers ?? []).map((peer) => ({
      ...peer,
      myAsn: peer.myAsn ?? bgp?.asn ?? 0,
      ...(peer.connectTime !== undefined && { connectTime: wholeSeconds(peer.connectTime) }),
    })),
    bfdProfiles: bgp?.bfdProfiles ?? [],
    communities: bgp?.communities ?? {},
    backend: bgp?.backend ?? 'none',
    logLevel,
    serviceLB,
    ...(loadBalancerClass !== undefined && { loadBalancerClass }),
    speaker,
  };
}
