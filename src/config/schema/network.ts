import * as z from 'zod';
import { cidr } from './primitives';

/** One network, or one of each family. */
const networks = z.array(cidr).min(1).max(2);

export const network = z
  .strictObject({
    nodes: z
      .array(cidr)
      .min(1)
      .optional()
      .describe(
        'Subnets of the hosts, all of them. Default: the /24 (IPv4) and /64 (IPv6) of the first server.',
      ),
    pods: networks
      .default(['10.42.0.0/16'])
      .describe('Networks of the pods; a second entry of the other family makes the cluster dual stack.'),
    services: networks
      .default(['10.43.0.0/16'])
      .describe('Networks of the services, of the same families as `pods`.'),
  })
  .describe('Networks. They cannot be changed after the first deployment.');
