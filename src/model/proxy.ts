import type { Config } from '../config/config';
import type { Network, Topology } from './topology';

/** The proxy with exceptions for everything in the cluster; undefined without a proxy. */
export function resolveProxy({ proxy }: Config, network: Network): Topology['proxy'] {
  const https = proxy?.https ?? proxy?.http;
  if (!proxy || https === undefined) return undefined;
  return {
    ...(proxy.http !== undefined && { http: proxy.http }),
    https,
    exceptions: [
      'localhost',
      '127.0.0.0/8',
      '::1',
      '.svc',
      '.cluster.local',
      ...network.nodes,
      ...network.pods,
      ...network.services,
      ...proxy.noProxy,
    ],
  };
}
