import * as z from 'zod';
import { addressRange, dnsLabel } from './primitives';

export const pool = z
  .strictObject({
    name: dnsLabel.describe('Name of the IPAddressPool.'),
    addresses: z.array(addressRange).min(1).describe('Ranges `first-last` or networks.'),
    autoAssign: z
      .boolean()
      .default(true)
      .describe('Whether services that ask for no pool get addresses of this one.'),
  })
  .describe('Addresses that MetalLB gives to services of type LoadBalancer.');

export const metallb = z
  .strictObject({
    pools: z.array(pool).min(1).describe('Pools of addresses.'),
    mode: z.enum(['l2']).default('l2').describe('How the addresses are announced: ARP and NDP (`l2`).'),
  })
  .describe("External load balancer. Without it, k3s's own ServiceLB stays on.");
