import * as fc from 'fast-check';

// Sections `metallb` that are valid as often as not: names, labels and addresses are few, so that they meet.

/** Hosts whose labels the selectors ask for. */
export const randomHosts = [
  { name: 'server1', address: '192.168.10.11', roles: ['server', 'database'] },
  { name: 'agent1', address: '192.168.10.21', roles: ['agent'], labels: { edge: 'true', rack: 'a' } },
  { name: 'agent2', address: '192.168.10.22', roles: ['agent'], labels: { rack: 'b' } },
];

const some = <T>(item: fc.Arbitrary<T>, most = 2) => fc.array(item, { maxLength: most });
const of = <T>(...values: T[]) => fc.constantFrom(...values);

/** Names without twins, but for a few. */
const set = (...names: string[]) => rarely(some(of(...names)), fc.subarray(names));

/** Mostly what is usual: with many a reason to refuse a section, none would tell whether it is seen. */
const rarely = <T>(value: fc.Arbitrary<T>, usual: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 24, arbitrary: usual }, { weight: 1, arbitrary: value });

/** Members are there or not. */
const maybe = <T extends object>(members: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record<T>(members, { requiredKeys: [] });

const key = of('kubernetes.io/hostname', 'edge', 'rack', 'node-role.kubernetes.io/control-plane');
const values = of('agent1', 'true', 'a', 'b');

const requirement = rarely(
  fc.record(
    { key, operator: of('In', 'NotIn', 'Exists', 'DoesNotExist'), values: some(values, 3) },
    { requiredKeys: ['key', 'operator'] },
  ),
  fc.oneof(
    fc.record({
      key,
      operator: of('In', 'NotIn'),
      values: fc.uniqueArray(values, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ key, operator: of('Exists', 'DoesNotExist') }),
  ) as fc.Arbitrary<{ key: string; operator: string; values?: string[] }>,
);

const selector = maybe({
  matchLabels: of<Record<string, string>>({}, { rack: 'a' }, { rack: 'b' }, { edge: 'true', rack: 'a' }),
  matchExpressions: some(requirement, 1),
});
const selectors = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: some(selector) },
);

const addresses = (name: string) =>
  rarely(
    of(
      '10.99.0.0/16',
      '10.99.9.9-10.99.9.1',
      '10.99.9.1-fd99::1',
      '10.99.9.1',
      '10.99.9.0/33',
      '010.99.9.0/24',
    ),
    of(
      ...(name === 'a'
        ? ['10.99.0.0/24', '10.99.1.10-10.99.1.20', 'fd99::/64', '10.99.7.128/25']
        : ['10.98.0.77/26', '10.98.2.0 - 10.98.3.255', '10.98.4.1/32', 'fd98:1::1-fd98:1::ff']),
    ),
  );

const pool = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      addresses: fc.uniqueArray(addresses(name), { minLength: 1, maxLength: 2 }),
      labels: of<Record<string, string>>({}, { rack: 'a' }, { edge: 'true' }),
      autoAssign: fc.boolean(),
      allocation: maybe({
        priority: fc.integer({ min: -5, max: 100 }),
        namespaces: set('web', 'db'),
        namespaceSelectors: selectors,
        serviceSelectors: selectors,
      }),
    },
    { requiredKeys: ['name', 'addresses'] },
  );

const poolNames = set('a', 'b.c', 'elsewhere');

const l2Advertisement = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      pools: poolNames,
      poolSelectors: selectors,
      nodeSelectors: selectors,
      serviceSelectors: selectors,
      interfaces: some(of('eth0', 'eth1.20')),
      preferredNodeSelectors: some(
        fc.record({ weight: rarely(of(0, 101), of(1, 100)), preference: selector }),
      ),
    },
    { requiredKeys: ['name'] },
  );

const duration = (...usual: string[]) =>
  rarely(
    of(
      '0',
      '500ms',
      '999ms',
      '2s',
      '2999ms',
      '.5m',
      '1h',
      '20h',
      '-1s',
      '+9s',
      '1d',
      'ten',
      '300000h',
      '3000000h',
      '1s500us',
    ),
    of(...usual),
  );

const end = rarely(
  maybe({ address: of('192.168.10.1'), interface: of('eth0') }),
  fc.oneof(
    fc.record({ address: of('192.168.10.1', '192.168.10.2', '192.168.10.3', 'fd00::1') }),
    fc.record({ interface: of('eth0', 'eth1') }),
  ) as fc.Arbitrary<{ address?: string; interface?: string }>,
);

const anyPeer = fc
  .tuple(
    end,
    fc.record(
      {
        asn: of<number | string>(65001, 65002, 64512, 'internal', 'external'),
        myAsn: rarely(of(64513), of(64512)),
        localAsn: of(64600),
        port: rarely(of(0, 1, 16384, 16385), of(179)),
        sourceAddress: of('10.0.0.1'),
        routerId: of('10.0.0.1'),
        holdTime: duration('0s', '3s', '90s', '1m30s'),
        keepaliveTime: duration('0s', '1s', '30s'),
        connectTime: duration('10s', '1m'),
        nodeSelectors: selectors,
        passwordSecret: of('password'),
        bfdProfile: of('fast', 'echo'),
        ebgpMultiHop: fc.boolean(),
        gracefulRestart: fc.boolean(),
        dualStack: fc.boolean(),
        vrf: of('red'),
      },
      { requiredKeys: ['asn'] },
    ),
  )
  .map(([one, other]) => ({ ...one, ...other }));

/** With little in it: each member more is one that can be refused. */
const plainPeer = fc.record(
  {
    address: of('192.168.10.1', '192.168.10.2', '192.168.10.3', '192.168.10.4'),
    asn: of(65001, 65002),
    holdTime: duration('0s', '90s'),
    nodeSelectors: selectors,
  },
  { requiredKeys: ['address', 'asn'] },
);

const peer = (name: string) =>
  fc
    .oneof({ weight: 1, arbitrary: anyPeer }, { weight: 3, arbitrary: plainPeer })
    .map((members) => ({ name, ...members }));

const communities = rarely(
  some(
    of(
      '65000:1',
      '065000:1',
      '65536:1',
      'large:65000:1:2',
      'large:1:2',
      '1:2:3',
      'blackhole',
      'x',
      ':',
      '1:',
    ),
  ),
  fc.subarray(['65000:1', '65535:65535']),
);

const bgpAdvertisement = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      pools: poolNames,
      poolSelectors: selectors,
      nodeSelectors: selectors,
      serviceSelectors: selectors,
      peers: set('r1', 'r2', 'elsewhere'),
      communities,
      localPref: rarely(of(0, 100, 200, -1, 2147483647, 2147483648), of(100)),
      asPathPrepend: rarely(of(0, 1, 10, 11), of(2)),
      aggregationLength: rarely(of(0, 1, 24, 25, 26, 33), of(32)),
      aggregationLengthV6: rarely(of(0, 56, 64, 129), of(128)),
    },
    { requiredKeys: ['name'] },
  );

const milliseconds = rarely(of(9, 10, 60000, 60001), of(300));

const bfdProfile = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      receiveInterval: milliseconds,
      transmitInterval: milliseconds,
      echoInterval: milliseconds,
      detectMultiplier: rarely(of(1, 2, 255, 256), of(3)),
      echoMode: fc.constant(name === 'echo'),
      passiveMode: fc.boolean(),
      minimumTtl: rarely(of(0, 1, 254, 255), of(254)),
    },
    { requiredKeys: ['name', 'echoMode'] },
  );

/** One item for each of the first names. */
function named<T>(
  names: readonly string[],
  item: (name: string) => fc.Arbitrary<T>,
  least = 0,
): fc.Arbitrary<T[]> {
  return fc
    .integer({ min: least, max: names.length })
    .chain((count) => fc.tuple(...names.slice(0, count).map(item)) as unknown as fc.Arbitrary<T[]>);
}

const bgp = fc.record(
  {
    asn: fc.constant(64512),
    backend: of('native', 'frr', 'frr-k8s', 'frr-k8s'),
    peers: named(['r1', 'r2', 'r3'], peer, 1),
    advertisements: named(['x', 'y'], bgpAdvertisement),
    bfdProfiles: named(['fast', 'echo'], bfdProfile),
    communities: of<Record<string, string>>(
      {},
      { blackhole: '65535:666' },
      { blackhole: 'large:1:2:3' },
      { 'No Export': '1:2:3' },
    ),
  },
  { requiredKeys: ['asn', 'peers'] },
);

/** Patterns of interfaces, some of which Go cannot read. */
const pattern = rarely(
  of('(?!a)', 'a**', '[a', '\\1', 'x{1001}', 'a)|(b'),
  of('^eth.*', 'lo', '^(veth|cali)', '(?i)x', '\\d+', '[[:alpha:]]'),
);

const section = fc.oneof(
  fc.record(
    {
      pools: named(['a', 'b.c'], pool, 1),
      l2: fc.record({ advertisements: named(['x', 'y'], l2Advertisement) }),
      speaker: fc.record({ excludeInterfaces: some(pattern) }),
    },
    { requiredKeys: ['pools'] },
  ),
  fc.record(
    { mode: fc.constant('bgp'), pools: named(['a', 'b.c'], pool, 1), bgp },
    { requiredKeys: ['mode', 'pools', 'bgp'] },
  ),
);

/** Without fast-check's objects that have no prototype, of which cdk8s asks for the class. */
export const randomMetallb = section.map((each) => structuredClone(each));
