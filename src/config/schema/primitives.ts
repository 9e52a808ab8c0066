import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { isAddressRange, isCidr } from '../../net/address';

/** A DNS label (RFC 1123): what Kubernetes accepts as a node or object name. */
export const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, {
  error: (issue) =>
    `'${issue.input}' is not a DNS label: use 1 to 63 lower case letters, digits and '-', starting and ending with a letter or digit`,
});

/** A DNS name of one or more labels. */
export const dnsName = z
  .string()
  .max(253)
  .regex(/^(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i, {
    error: (issue) => `'${issue.input}' is not a DNS name`,
  });

/** One IPv4 or IPv6 address. */
export const ipAddress = z
  .string()
  .refine((text) => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text), {
    error: (issue) => `'${issue.input}' is not an IP address: write it like 192.168.10.11 or fd00::11`,
  });

/** A network in CIDR notation, its host bits zero. */
export const cidr = z.string().refine(isCidr, {
  error: (issue) => `'${issue.input}' is not a network: write it like 10.42.0.0/16, with the host bits zero`,
});

/** What a MetalLB pool takes: a network or `first-last`. */
export const addressRange = z.string().refine(isAddressRange, {
  error: (issue) =>
    `'${issue.input}' is not an address range: write 192.168.10.200-192.168.10.220 or 192.168.10.192/27`,
});

/** A time as haproxy and systemd write it. */
export const duration = z.string().regex(/^[1-9]\d{0,5}[smh]$/, {
  error: (issue) => `'${issue.input}' is not a duration: write it like 30s, 10m or 4h`,
});

export const port = z.int().min(1).max(65535);

/** An absolute path on a host, without characters that a shell, systemd or fstab would read specially. */
export const absolutePath = z.string().regex(/^\/(?!\/)[\w@%+=:,./-]*$/, {
  error: (issue) => `'${issue.input}' is not an absolute path: start it with '/' and use no spaces`,
});
