import type { Manifest } from '../../src/config/objects/manifest';

/**
 * Custom resources that MetalLB 0.16.2's own CRDs take or refuse, found out by asking an API server that has them.
 * Ours must give the same answers; the lab asks a real API server the same questions.
 */
export interface Sample {
  readonly what: string;
  readonly accepted: boolean;
  readonly apiVersion?: string;
  readonly kind: string;
  /** Undefined: the object has none. */
  readonly spec?: unknown;
  /** Likewise; what MetalLB writes. */
  readonly status?: unknown;
  /** The spec, or for a sample with a status the status, that is there already: the sample is then an update. */
  readonly before?: unknown;
}

/** The sample as an object named `sample`. */
export function objectOf({ apiVersion = 'metallb.io/v1beta1', kind, spec, status }: Sample): Manifest {
  return {
    apiVersion,
    kind,
    metadata: { name: 'sample' },
    ...(spec !== undefined && { spec }),
    ...(status !== undefined && { status }),
  };
}

/** What is there before the sample's update. */
export function beforeOf(sample: Sample): Sample {
  const { before } = sample;
  return sample.status === undefined ? { ...sample, spec: before } : { ...sample, status: before };
}

const peer = { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1' };
const v1beta2 = 'metallb.io/v1beta2';
const announced = { node: 'a', serviceName: 'a', serviceNamespace: 'a' };
const condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Applied',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const selectors = [{ matchLabels: { a: 'b' } }];

export const samples: readonly Sample[] = [
  { what: 'a pool', accepted: true, kind: 'IPAddressPool', spec: { addresses: ['192.0.2.0/24'] } },
  { what: 'a pool without a spec', accepted: false, kind: 'IPAddressPool' },
  { what: 'a pool without addresses', accepted: false, kind: 'IPAddressPool', spec: {} },
  { what: 'a pool with an empty list', accepted: true, kind: 'IPAddressPool', spec: { addresses: [] } },
  {
    what: 'a pool with a number for an address',
    accepted: false,
    kind: 'IPAddressPool',
    spec: { addresses: [1] },
  },
  {
    what: 'a pool with every field',
    accepted: true,
    kind: 'IPAddressPool',
    spec: {
      addresses: ['192.0.2.0/24', '2001:db8::1-2001:db8::9'],
      autoAssign: false,
      avoidBuggyIPs: true,
      serviceAllocation: {
        priority: 50,
        namespaces: ['a'],
        namespaceSelectors: selectors,
        serviceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
      },
    },
  },
  {
    what: 'a pool whose autoAssign is a string',
    accepted: false,
    kind: 'IPAddressPool',
    spec: { addresses: [], autoAssign: 'yes' },
  },
  {
    what: 'a pool with a field of another tool',
    accepted: false,
    kind: 'IPAddressPool',
    spec: { addresses: [], protocol: 'layer2' },
  },
  {
    what: 'a selector without operator',
    accepted: false,
    kind: 'IPAddressPool',
    spec: { addresses: [], serviceAllocation: { serviceSelectors: [{ matchExpressions: [{ key: 'a' }] }] } },
  },
  { what: 'an empty L2 advertisement', accepted: true, kind: 'L2Advertisement', spec: {} },
  { what: 'an L2 advertisement without a spec', accepted: true, kind: 'L2Advertisement' },
  {
    what: 'an L2 advertisement with every field',
    accepted: true,
    kind: 'L2Advertisement',
    spec: {
      ipAddressPools: ['a'],
      ipAddressPoolSelectors: selectors,
      nodeSelectors: selectors,
      serviceSelectors: selectors,
      interfaces: ['eth0'],
    },
  },
  {
    what: 'an L2 advertisement with peers',
    accepted: false,
    kind: 'L2Advertisement',
    spec: { peers: ['a'] },
  },
  {
    what: 'a BGP advertisement with every field',
    accepted: true,
    kind: 'BGPAdvertisement',
    spec: {
      aggregationLength: 24,
      aggregationLengthV6: 64,
      localPref: 100,
      communities: ['65000:1', 'large:65000:1:2', 'name'],
      ipAddressPools: ['a'],
      ipAddressPoolSelectors: selectors,
      nodeSelectors: selectors,
      peers: ['a'],
    },
  },
  {
    what: 'a BGP advertisement with aggregation length 0',
    accepted: false,
    kind: 'BGPAdvertisement',
    spec: { aggregationLength: 0 },
  },
  {
    what: 'a BGP advertisement with an IPv6 aggregation length of 0',
    accepted: true,
    kind: 'BGPAdvertisement',
    spec: { aggregationLengthV6: 0 },
  },
  {
    what: 'selected services that are aggregated',
    accepted: false,
    kind: 'BGPAdvertisement',
    spec: { serviceSelectors: selectors, aggregationLength: 24 },
  },
  {
    what: 'selected services that are aggregated in IPv6',
    accepted: false,
    kind: 'BGPAdvertisement',
    spec: { serviceSelectors: selectors, aggregationLengthV6: 64 },
  },
  {
    what: 'selected services at full length',
    accepted: true,
    kind: 'BGPAdvertisement',
    spec: { serviceSelectors: selectors, aggregationLength: 32, aggregationLengthV6: 128 },
  },
  {
    what: 'no selected services that are aggregated',
    accepted: true,
    kind: 'BGPAdvertisement',
    spec: { serviceSelectors: [], aggregationLength: 24 },
  },
  { what: 'a peer', accepted: true, apiVersion: v1beta2, kind: 'BGPPeer', spec: peer },
  {
    what: 'a peer without myASN',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { peerASN: 1 },
  },
  {
    what: 'a peer over an interface with any AS',
    accepted: true,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { myASN: 1, interface: 'eth0', dynamicASN: 'external' },
  },
  {
    what: 'a peer with an unknown dynamicASN',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, dynamicASN: 'both' },
  },
  {
    what: 'the largest AS number',
    accepted: true,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, peerASN: 4294967295, localASN: 4294967295 },
  },
  {
    what: 'an AS number beyond the largest',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, peerASN: 4294967296 },
  },
  {
    what: 'a local AS number of 0',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, localASN: 0 },
  },
  { what: 'port 0', accepted: false, apiVersion: v1beta2, kind: 'BGPPeer', spec: { ...peer, peerPort: 0 } },
  {
    what: 'a port beyond the largest that MetalLB takes',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, peerPort: 16385 },
  },
  {
    what: 'a connect time of ten seconds',
    accepted: true,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, connectTime: '10s' },
  },
  {
    what: 'a connect time of 1.5 seconds',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, connectTime: '1500ms' },
  },
  {
    what: 'a connect time of 0',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, connectTime: '0s' },
  },
  {
    what: 'a connect time of a day',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, connectTime: '24h' },
  },
  {
    what: 'graceful restart that is switched on later',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, enableGracefulRestart: true },
    before: { ...peer, enableGracefulRestart: false },
  },
  {
    what: 'graceful restart that stays',
    accepted: true,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, enableGracefulRestart: true, holdTime: '30s' },
    before: { ...peer, enableGracefulRestart: true },
  },
  {
    what: 'a peer with a password Secret, BFD and a VRF',
    accepted: true,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, passwordSecret: { name: 'a' }, bfdProfile: 'a', vrf: 'red', ebgpMultiHop: true },
  },
  {
    what: 'a password Secret with a key',
    accepted: false,
    apiVersion: v1beta2,
    kind: 'BGPPeer',
    spec: { ...peer, passwordSecret: { name: 'a', key: 'b' } },
  },
  {
    what: 'BFD at its limits',
    accepted: true,
    kind: 'BFDProfile',
    spec: {
      detectMultiplier: 2,
      echoInterval: 10,
      echoMode: true,
      minimumTtl: 254,
      passiveMode: true,
      receiveInterval: 60000,
      transmitInterval: 60000,
    },
  },
  { what: 'a BFD multiplier of 1', accepted: false, kind: 'BFDProfile', spec: { detectMultiplier: 1 } },
  {
    what: 'a BFD interval below the least',
    accepted: false,
    kind: 'BFDProfile',
    spec: { receiveInterval: 9 },
  },
  { what: 'a BFD TTL of 255', accepted: false, kind: 'BFDProfile', spec: { minimumTtl: 255 } },
  {
    what: 'communities',
    accepted: true,
    kind: 'Community',
    spec: { communities: [{ name: 'a', value: '65000:1' }] },
  },
  {
    what: 'communities that are strings',
    accepted: false,
    kind: 'Community',
    spec: { communities: ['65000:1'] },
  },
  {
    what: 'a valid configuration',
    accepted: true,
    kind: 'ConfigurationState',
    status: { result: 'Valid', conditions: [condition] },
  },
  {
    what: 'a result that there is not',
    accepted: false,
    kind: 'ConfigurationState',
    status: { result: 'Good' },
  },
  {
    what: 'a condition without a reason',
    accepted: false,
    kind: 'ConfigurationState',
    status: { conditions: [{ ...condition, reason: undefined }] },
  },
  {
    what: 'a condition whose reason starts with a digit',
    accepted: false,
    kind: 'ConfigurationState',
    status: { conditions: [{ ...condition, reason: '1st' }] },
  },
  {
    what: 'peers that a service is announced to',
    accepted: true,
    kind: 'ServiceBGPStatus',
    status: { ...announced, peers: ['router1'] },
  },
  {
    what: 'another service',
    accepted: false,
    kind: 'ServiceBGPStatus',
    status: { ...announced, serviceName: 'b' },
    before: announced,
  },
  {
    what: 'other peers of the same service',
    accepted: true,
    kind: 'ServiceBGPStatus',
    status: { ...announced, peers: ['router2'] },
    before: { ...announced, peers: ['router1'] },
  },
  {
    what: 'interfaces that a service is announced on',
    accepted: true,
    kind: 'ServiceL2Status',
    status: { ...announced, interfaces: [{ name: 'eth0' }] },
  },
  {
    what: 'interfaces that are strings',
    accepted: false,
    kind: 'ServiceL2Status',
    status: { ...announced, interfaces: ['eth0'] },
  },
  {
    what: 'another node',
    accepted: false,
    kind: 'ServiceL2Status',
    status: { ...announced, node: 'b' },
    before: announced,
  },
];
