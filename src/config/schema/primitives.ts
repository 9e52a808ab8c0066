import * as z from 'zod';
import { familyOf, isAddressRange, isCidr, networkOf, parseRange } from '../../net/address';

export const dnsLabelPattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** A DNS label (RFC 1123): what Kubernetes accepts as a node or object name. */
export const dnsLabel = z.string().regex(dnsLabelPattern, {
  error: (issue) =>
    `'${issue.input}' is not a DNS label: use at most 63 lower case letters, digits and '-', a letter or digit first and last`,
});

/** One or more DNS labels: what Kubernetes accepts as the name of most objects. */
export const dnsSubdomain = z
  .string()
  .max(253, { error: 'a name of an object has at most 253 characters' })
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, {
    error: (issue) =>
      `'${issue.input}' is not a name of an object: use lower case letters, digits, '-' and '.', a letter or digit first and last`,
  });

const dnsNamePattern =
  /^(\*\.)?[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*$/;

/** A DNS name of one or more labels. */
export const dnsName = z
  .string()
  .max(253, { error: 'a DNS name has at most 253 characters' })
  .regex(dnsNamePattern, {
    error: (issue) =>
      `'${issue.input}' is not a DNS name: write it like k3s.home.arpa, without 'https://' and port`,
  });

/** One IPv4 or IPv6 address. */
export const ipAddress = z
  .string()
  .refine((text) => familyOf(text) !== undefined, { error: (issue) => notAnAddress(String(issue.input)) })
  .meta({ anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] });

/** Why a text is not an IP address, for what people write instead of one. */
export function notAnAddress(text: string): string {
  const quoted = `'${text}' is not an IP address`;
  if (/^[^/]+\/\d+$/.test(text) && familyOf(text.replace(/\/.*/, '')) !== undefined) {
    return `${quoted} but a network: leave out the '/' and what follows`;
  }
  if (/^[\d.]+:\d+$/.test(text)) return `${quoted}: leave out the port`;
  if (/(^|\.)0\d/.test(text)) return `${quoted}: write its numbers without leading zeros`;
  if (/^[\d.]+$/.test(text)) return `${quoted}: it has four numbers from 0 to 255`;
  if (text.includes('%')) return `${quoted}: leave out the '%' and the interface`;
  return `${quoted}: write it like 192.168.10.11 or fd00::11`;
}

/** A network in CIDR notation, its host bits zero. */
export const cidr = z.string().refine(isCidr, {
  error: (issue) => notANetwork(String(issue.input)),
});

function notANetwork(text: string): string {
  const quoted = `'${text}' is not a network`;
  const [address = '', length] = text.split('/');
  if (length === undefined && familyOf(address) !== undefined) {
    return `${quoted} but an address: add the length of its prefix, such as ${networkOf(address, familyOf(address) === 6 ? 64 : 24)}`;
  }
  if (text.includes('-')) return `${quoted} but a range of addresses: write it like 10.42.0.0/16`;
  if (parseRange(text))
    return `${quoted}: its host bits are not zero, write ${networkOf(address, Number(length))}`;
  return `${quoted}: write it like 10.42.0.0/16`;
}

/** The addresses of a MetalLB pool: a network or `first-last`. */
export const addressRange = z.string().refine(isAddressRange, {
  error: (issue) => notARange(String(issue.input)),
});

function notARange(text: string): string {
  const quoted = `'${text}' is not a range of addresses`;
  if (familyOf(text) !== undefined) return `${quoted} but one: write ${text}-${text}`;
  const [first = '', last = ''] = text.split('-').map((part) => part.trim());
  if (familyOf(first) !== undefined && /^\d{1,3}$/.test(last)) {
    return `${quoted}: write its last address in full, ${first}-${first.replace(/(?<!\d)\d+$/, last)}`;
  }
  if (parseRange(`${last}-${first}`)) return `${quoted}: its last address is smaller than its first`;
  return `${quoted}: write 192.168.10.200-192.168.10.220 or 192.168.10.192/27`;
}

/** A time as haproxy and systemd write it. */
export const duration = z.string().regex(/^[1-9]\d{0,5}[smh]$/, {
  error: (issue) => `'${issue.input}' is not a duration: write it like 30s, 10m or 4h`,
});

/** A network interface of a Linux machine. */
export const interfaceName = z.string().regex(/^(?!\.{1,2}$)[\w.@+-]{1,15}$/, {
  error: (issue) =>
    `'${issue.input}' is not the name of a network interface: write it as 'ip link' shows it, such as eth0, at most 15 characters`,
});

export const port = z.int().min(1).max(65535);
