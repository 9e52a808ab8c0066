import type { Topology } from './topology';

/** The proxy as parameters of a step; lib.sh exports them to every command. */
export function proxyEnv(proxy: Topology['proxy']): Readonly<Record<string, string>> {
  if (!proxy) return {};
  return {
    ...(proxy.http !== undefined && { http_proxy: proxy.http }),
    https_proxy: proxy.https,
    no_proxy: proxy.exceptions.join(','),
  };
}
