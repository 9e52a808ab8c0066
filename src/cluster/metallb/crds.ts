import bfdProfile from './crds/bfd-profile.crd.yaml';
import bgpAdvertisement from './crds/bgp-advertisement.crd.yaml';
import bgpPeer from './crds/bgp-peer.crd.yaml';
import community from './crds/community.crd.yaml';
import configurationState from './crds/configuration-state.crd.yaml';
import ipAddressPool from './crds/ip-address-pool.crd.yaml';
import l2Advertisement from './crds/l2-advertisement.crd.yaml';
import serviceBgpStatus from './crds/service-bgp-status.crd.yaml';
import serviceL2Status from './crds/service-l2-status.crd.yaml';

/** CustomResourceDefinitions of MetalLB, in one YAML text. */
export const metallbCrds = [
  bfdProfile,
  bgpAdvertisement,
  bgpPeer,
  community,
  configurationState,
  ipAddressPool,
  l2Advertisement,
  serviceBgpStatus,
  serviceL2Status,
].join('---\n');
