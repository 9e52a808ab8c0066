import { Construct } from 'constructs';
import {
  BfdProfile,
  BgpAdvertisement,
  BgpPeerV1Beta2,
  type BgpPeerV1Beta2Spec,
  BgpPeerV1Beta2SpecDynamicAsn,
  Community,
} from '../../../imports/metallb.io';
import type { Metallb, Peer } from '../../model/metallb';
import { namespace } from './metallb';
import { selection } from './selection';

export type BgpProps = Pick<Metallb, 'peers' | 'bfdProfiles' | 'communities' | 'bgpAdvertisements'>;

/** Routers, and what is announced to them. */
export class Bgp extends Construct {
  constructor(scope: Construct, id: string, props: BgpProps) {
    super(scope, id);
    for (const { name, ...spec } of props.bfdProfiles) {
      new BfdProfile(this, `bfd-${name}`, { metadata: { name, namespace }, spec });
    }
    const communities = Object.entries(props.communities).map(([name, value]) => ({ name, value }));
    if (communities.length > 0) {
      new Community(this, 'communities', {
        metadata: { name: 'communities', namespace },
        spec: { communities },
      });
    }
    for (const peer of props.peers) {
      new BgpPeerV1Beta2(this, `peer-${peer.name}`, {
        metadata: { name: peer.name, namespace },
        spec: peerSpec(peer),
      });
    }
    for (const advertisement of props.bgpAdvertisements) this.advertise(advertisement);
  }

  private advertise(advertisement: Metallb['bgpAdvertisements'][number]): void {
    const { name, peers, communities, localPref, asPathPrepend } = advertisement;
    const { aggregationLength, aggregationLengthV6 } = advertisement;
    new BgpAdvertisement(this, `advertisement-${name}`, {
      metadata: { name, namespace },
      spec: {
        ...selection(advertisement),
        ...(peers.length > 0 && { peers }),
        ...(communities.length > 0 && { communities }),
        ...(localPref !== undefined && { localPref }),
        ...(asPathPrepend !== undefined && { asPathPrepend }),
        aggregationLength,
        aggregationLengthV6,
      },
    });
  }
}

/** Translates the names of cluster.yaml to those of MetalLB; what is missing or off is left out. */
function peerSpec(peer: Peer): BgpPeerV1Beta2Spec {
  const { address, interface: port, sourceAddress, routerId, passwordSecret, bfdProfile, vrf } = peer;
  const { holdTime, keepaliveTime, connectTime, localAsn, nodeSelectors } = peer;
  return {
    myAsn: peer.myAsn,
    ...(typeof peer.asn === 'number' ? { peerAsn: peer.asn } : { dynamicAsn: dynamicAsn[peer.asn] }),
    ...(localAsn !== undefined && { localAsn }),
    ...(address !== undefined && { peerAddress: address }),
    ...(port !== undefined && { interface: port }),
    peerPort: peer.port,
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(routerId !== undefined && { routerId }),
    ...(vrf !== undefined && { vrf }),
    ...(holdTime !== undefined && { holdTime }),
    ...(keepaliveTime !== undefined && { keepaliveTime }),
    ...(connectTime !== undefined && { connectTime }),
    ...(nodeSelectors.length > 0 && { nodeSelectors }),
    ...(passwordSecret !== undefined && { passwordSecret: { name: passwordSecret, namespace } }),
    ...(bfdProfile !== undefined && { bfdProfile }),
    ...(peer.ebgpMultiHop && { ebgpMultiHop: true }),
    ...(peer.gracefulRestart && { enableGracefulRestart: true }),
    ...(peer.dualStack && { dualStackAddressFamily: true }),
  };
}

const dynamicAsn = {
  internal: BgpPeerV1Beta2SpecDynamicAsn.INTERNAL,
  external: BgpPeerV1Beta2SpecDynamicAsn.EXTERNAL,
};
