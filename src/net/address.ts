import ipaddr from 'ipaddr.js';

/** Addresses `first` to `last` of one family, both included, as numbers that can be compared. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly parsed: ipaddr.IPv4 | ipaddr.IPv6;
}

/** The rules query the same addresses again and again. */
const parsedBefore = new Map<string, Address | undefined>();
const maxRemembered = 10_000;

function parseAddress(text: string): Address | undefined {
  if (parsedBefore.has(text)) return parsedBefore.get(text);
  if (parsedBefore.size >= maxRemembered) parsedBefore.clear();
  const address = parseNewAddress(text);
  parsedBefore.set(text, address);
  return address;
}

function parseNewAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return toAddress(4, ipaddr.IPv4.parse(text));
  // A zone (`fe80::1%eth0`) means something on one machine only.
  return !text.includes('%') && ipaddr.IPv6.isValid(text) ? toAddress(6, ipaddr.IPv6.parse(text)) : undefined;
}

function toAddress(family: 4 | 6, parsed: ipaddr.IPv4 | ipaddr.IPv6): Address {
  const value = parsed.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family, value, parsed };
}

/** The IP family of an address, or undefined when `text` is none (a DNS name). */
export function familyOf(text: string): 4 | 6 | undefined {
  return parseAddress(text)?.family;
}

export function familyOfNetwork(network: string): 4 | 6 {
  return network.includes(':') ? 6 : 4;
}

/** The purpose of an address that cannot belong to a machine in a network; undefined for others. */
export function specialUse(text: string): string | undefined {
  const kind = parseAddress(text)?.parsed.range();
  return kind === undefined ? undefined : specialUses[kind];
}

const specialUses: Readonly<Record<string, string>> = {
  unspecified: 'means any address',
  broadcast: 'is the broadcast address',
  multicast: 'is a multicast address',
  linkLocal: 'is a link-local address',
  loopback: 'means the machine itself',
};

/** Reads an address (`10.0.0.1`), a network (`10.0.0.0/24`) or a range (`10.0.0.1-10.0.0.9`). */
export function parseRange(text: string): AddressRange | undefined {
  const [left = '', right, ...rest] = text.split('-');
  if (rest.length > 0) return undefined;
  if (right !== undefined) {
    const [from, to] = [parseAddress(left.trim()), parseAddress(right.trim())];
    if (!from || !to || from.family !== to.family || from.value > to.value) return undefined;
    return { family: from.family, first: from.value, last: to.value };
  }
  const [base = '', length, ...extra] = text.split('/');
  const address = parseAddress(base);
  if (!address || extra.length > 0) return undefined;
  const { family, value } = address;
  if (length === undefined) return { family, first: value, last: value };
  const bits = family === 4 ? 32 : 128;
  if (!/^\d+$/.test(length) || Number(length) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(length));
  const start = value - (value % size);
  return { family, first: start, last: start + size - 1n };
}

/** Whether `text` is a network in CIDR notation whose host bits are zero. */
export function isCidr(text: string): boolean {
  const [base = '', length] = text.split('/');
  const range = parseRange(text);
  return length !== undefined && range !== undefined && parseRange(base)?.first === range.first;
}

/** Whether `text` is a network or a `first-last` range. */
export function isAddressRange(text: string): boolean {
  return /[-/]/.test(text) && parseRange(text) !== undefined;
}

/** The number of bits after the `/` of a network. */
export function prefixLength(network: string): number {
  return Number(network.slice(network.indexOf('/') + 1));
}

/** Length of the prefix of the largest network in a range: 25 for `10.0.0.1-10.0.0.255`. */
export function shortestPrefix({ family, first, last }: AddressRange): number {
  const bits = family === 4 ? 32 : 128;
  for (let length = 0; length < bits; length++) {
    const size = 1n << BigInt(bits - length);
    const start = ((first + size - 1n) / size) * size;
    if (start + size - 1n <= last) return length;
  }
  return bits;
}

/** Whether an address is the first or last of an IPv4 network, which no machine can have. */
export function isNetworkEdge(address: AddressRange, network: AddressRange): boolean {
  const large = network.last - network.first > 1n;
  return network.family === 4 && large && (address.first === network.first || address.first === network.last);
}

export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

export function contains(outer: AddressRange, inner: AddressRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** The network of `prefixLength` bits that `address` lies in: `192.168.10.11`, 24 → `192.168.10.0/24`. */
export function networkOf(address: string, prefixLength: number): string {
  const network =
    familyOf(address) === 6
      ? ipaddr.IPv6.networkAddressFromCIDR(`${address}/${prefixLength}`)
      : ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefixLength}`);
  return `${network.toString()}/${prefixLength}`;
}

/** The `index`th address of a network: `10.43.0.0/16`, 10 → `10.43.0.10`. */
export function addressIn(network: string, index: number): string {
  const range = parseRange(network);
  if (!range) throw new Error(`'${network}' is not a network`);
  const value = range.first + BigInt(index);
  const size = range.family === 4 ? 4 : 16;
  const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * (size - 1 - i))) & 0xffn));
  return ipaddr.fromByteArray(bytes).toString();
}

/** The address as in a URL: IPv6 in brackets. */
export function urlHost(address: string): string {
  return familyOf(address) === 6 ? `[${address}]` : address;
}

/** One spelling per address, so that `fd00::1` and `fd00:0:0:0:0:0:0:1` compare equal. */
export function canonicalAddress(text: string): string {
  return parseAddress(text)?.parsed.toString() ?? text;
}
