import type { MetallbConfig } from '../config';
import type { Draft } from '../draft';
import { isAbsent } from '../draft';
import { known } from './known';
import type { Finding, Written } from './rule';

type DraftBgp = NonNullable<NonNullable<Draft['metallb']>['bgp']>;
export type DraftPeer = NonNullable<NonNullable<DraftBgp['peers']>[number]>;
export type DraftAdvertisement = Draft<NonNullable<MetallbConfig['bgp']>['advertisements'][number]>;

export function peersOf(config: Draft): [index: number, peer: DraftPeer][] {
  return known(config.metallb?.bgp?.peers);
}

/** Names of the BFD profiles that use echo packets. */
export function echoProfiles(config: Draft): (string | undefined)[] {
  return known(config.metallb?.bgp?.bfdProfiles).flatMap(([, { name, echoMode }]) =>
    echoMode ? [name] : [],
  );
}

export const bgpPath = (...rest: (string | number)[]) => ['metallb', 'bgp', ...rest];

export const needsFrr = "needs FRR: set 'metallb.bgp.backend' to 'frr-k8s', or delete this";

/** Without a router nothing can be announced. */
export function* bgpModeNeedsBgp(config: Draft): Iterable<Finding> {
  const { metallb } = config;
  if (metallb?.mode !== 'bgp' || !isAbsent(metallb, 'bgp')) return;
  yield {
    path: ['metallb', 'mode'],
    message: "mode 'bgp' needs 'metallb.bgp': your AS number and the routers to announce to",
  };
}

/** Peers that nothing is announced to. */
export function* bgpIsUsed(config: Draft, written: Written): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (config.metallb?.mode !== 'l2' || !bgp?.peers?.length || bgp.advertisements?.length !== 0) return;
  yield {
    path: written(['metallb', 'mode']) ? ['metallb', 'mode'] : bgpPath(),
    ...(!written(['metallb', 'mode']) && { target: 'key' }),
    severity: 'warning',
    message:
      "nothing is announced to the peers of 'metallb.bgp': set 'metallb.mode' to 'bgp', or add 'advertisements'",
  };
}
