import * as z from 'zod';
import { dnsName, duration, ipAddress, port } from './primitives';

export const api = z
  .strictObject({
    address: ipAddress
      .optional()
      .describe(
        'Virtual IP of the API, a free address in the subnet of the servers. Needed with several servers. Default: the address of the only server.',
      ),
    port: port.default(6443).describe('Port of the API.'),
    names: z.array(dnsName).default([]).describe('Extra names in the certificate of the API.'),
    virtualRouterId: z
      .int()
      .min(1)
      .max(255)
      .optional()
      .describe('VRRP router ID, unique in the subnet. Default: the last byte of `address`.'),
    // The kubelet ends silent exec and log streams after the same time (its streamingConnectionIdleTimeout).
    idleTimeout: duration
      .default('4h')
      .describe('How long a connection through the load balancer may be idle before it is closed.'),
  })
  .describe('Where the Kubernetes API answers.');
