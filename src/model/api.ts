import type { Config } from '../config/config';
import { canonicalAddress, urlHost } from '../net/address';
import { portsBehind } from '../roles/load-balancer/ports';
import type { ApiEndpoint, Host, LoadBalancer } from './topology';

/** Where the API answers: the virtual IP, or the only server when there is none. */
export function apiEndpoint(config: Config, servers: readonly Host[]): ApiEndpoint {
  const { address: virtualIp, port, names } = config.api;
  const address = virtualIp ?? servers[0]?.nodeIps[0] ?? '';
  return {
    address,
    port,
    url: `https://${urlHost(address)}:${port}`,
    names,
    ...(virtualIp !== undefined && { loadBalancer: loadBalancer(config, virtualIp) }),
  };
}

function loadBalancer(config: Config, virtualIp: string): LoadBalancer {
  return {
    virtualIp,
    port: config.api.port,
    virtualRouterId: config.api.virtualRouterId ?? lastByte(virtualIp),
    ...portsBehind(config.api.port),
    idleTimeout: config.api.idleTimeout,
  };
}

/** The last byte of an address, 1 to 255: two clusters in a subnet have different virtual IPs, so different ids. */
function lastByte(address: string): number {
  const text = canonicalAddress(address);
  const byte = text.includes(':')
    ? Number.parseInt(text.slice(text.lastIndexOf(':') + 1) || '0', 16) & 0xff
    : Number(text.slice(text.lastIndexOf('.') + 1));
  return byte === 0 ? 255 : byte;
}
