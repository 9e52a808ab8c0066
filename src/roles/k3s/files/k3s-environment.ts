import type { Proxy as ProxySettings } from '../../../model/topology';
import type { LeaderElection } from '../leader-election';

/**
 * Environment of k3s's unit: k3s and its containerd pull through the proxy; servers may have long leases.
 * Undefined if empty.
 */
export function k3sEnvironment(
  proxy: ProxySettings | undefined,
  election: LeaderElection['environment'],
): string | undefined {
  const lines = [
    ...(proxy ? proxyLines(proxy) : []),
    ...Object.entries(election).map(([name, value]) => `${name}=${value}`),
  ];
  return lines.length === 0 ? undefined : lines.map((line) => `${line}\n`).join('');
}

function proxyLines({ http, https, exceptions }: ProxySettings): string[] {
  return [
    ...(http === undefined ? [] : [`HTTP_PROXY=${http}`]),
    `HTTPS_PROXY=${https}`,
    `NO_PROXY=${exceptions.join(',')}`,
  ];
}
