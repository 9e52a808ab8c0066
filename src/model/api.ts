import type { Config } from '../config/config';
import { canonicalAddress, urlHost } from '../net/address';
import type { ApiEndpoint, Host, LoadBalancer } from './topology';

/** kube-apiserver makes room for haproxy, which takes the public port on the same hosts. */
const backendPort = 7443;

/** On loopback only. k3s itself takes 6444 there. */
const monitorPort = 6442;

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
    // One port down when the user took ours for the API itself.
    backendPort: config.api.port === backendPort ? backendPort - 1 : backendPort,
    monitorPort: config.api.port === monitorPort ? monitorPort - 1 : monitorPort,
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
