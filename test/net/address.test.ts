import {
  addressIn,
  canonicalAddress,
  familyOf,
  isAddressRange,
  isCidr,
  isNetworkEdge,
  networkOf,
  parseRange,
  specialUse,
  urlHost,
} from '../../src/net/address';

test.each([
  ['192.168.10.11', 4],
  ['fd00::11', 6],
  ['::', 6],
  ['192.168.10', undefined],
  ['192.168.10.256', undefined],
  ['192.168.010.1', undefined],
  ['0x7f.1', undefined],
  ['fe80::1%eth0', undefined],
  ['host.example', undefined],
  ['', undefined],
])("the family of '%s' is %s", (text, family) => {
  expect(familyOf(text)).toBe(family);
});

test.each([
  ['10.42.0.0/16', true],
  ['fd00:42::/56', true],
  ['10.42.0.1/16', false],
  ['10.42.0.0', false],
  ['10.42.0.0/33', false],
  ['10.42.0.0/16/8', false],
  ['10.42.0.0/', false],
  ['10.42.0.0/x', false],
])("'%s' is a network: %s", (text, expected) => {
  expect(isCidr(text)).toBe(expected);
});

test.each([
  ['10.0.0.1-10.0.0.9', true],
  ['10.0.0.1 - 10.0.0.9', true],
  ['10.0.0.0/24', true],
  ['fd00::1-fd00::9', true],
  ['10.0.0.9-10.0.0.1', false],
  ['10.0.0.1-fd00::1', false],
  ['10.0.0.1-9', false],
  ['10.0.0.1', false],
  ['10.0.0.1-10.0.0.2-10.0.0.3', false],
])("'%s' is a range: %s", (text, expected) => {
  expect(isAddressRange(text)).toBe(expected);
});

test('a network covers all of its addresses, whatever its host bits', () => {
  expect(parseRange('10.1.2.3/8')).toEqual({ family: 4, first: 0x0a000000n, last: 0x0affffffn });
  expect(parseRange('0.0.0.0/0')).toEqual({ family: 4, first: 0n, last: 0xffffffffn });
});

test.each([
  ['192.168.10.11', 24, '192.168.10.0/24'],
  ['192.168.11.1', 22, '192.168.8.0/22'],
  ['fd00:10::11', 64, 'fd00:10::/64'],
])('the network of %s with %i bits is %s', (address, bits, network) => {
  expect(networkOf(address, bits)).toBe(network);
});

test.each([
  ['10.43.0.0/16', 10, '10.43.0.10'],
  ['10.43.0.0/16', 256, '10.43.1.0'],
  ['fd00:43::/112', 10, 'fd00:43::a'],
])('address %s + %i is %s', (network, index, address) => {
  expect(addressIn(network, index)).toBe(address);
});

test('spellings of an address become one', () => {
  expect(canonicalAddress('FD00:0:0::0:11')).toBe('fd00::11');
  expect(canonicalAddress('host.example')).toBe('host.example');
});

test('an IPv6 address stands in brackets in a URL', () => {
  expect([urlHost('fd00::1'), urlHost('10.0.0.1'), urlHost('host')]).toEqual([
    '[fd00::1]',
    '10.0.0.1',
    'host',
  ]);
});

test.each([
  '127.0.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '169.254.0.1',
  '::1',
  'fe80::1',
  'ff02::1',
])('%s cannot be the address of a machine', (address) => {
  expect(specialUse(address)).toBeDefined();
});

test.each(['192.168.10.11', '10.0.0.1', '100.64.0.1', '8.8.8.8', 'fd00::1', '2001:db8::1'])(
  '%s can be the address of a machine',
  (address) => {
    expect(specialUse(address)).toBeUndefined();
  },
);

test('the edges of an IPv4 network are no addresses of machines, except in the smallest', () => {
  const edge = (address: string, network: string) => {
    const [a, n] = [parseRange(address), parseRange(network)];
    return a && n && isNetworkEdge(a, n);
  };
  expect(edge('10.0.0.0', '10.0.0.0/24')).toBe(true);
  expect(edge('10.0.0.255', '10.0.0.0/24')).toBe(true);
  expect(edge('10.0.0.254', '10.0.0.0/24')).toBe(false);
  expect(edge('10.0.0.1', '10.0.0.0/31')).toBe(false);
  expect(edge('fd00::', 'fd00::/64')).toBe(false);
});
