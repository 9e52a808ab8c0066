import type { Config } from '../config/config';
import { canonicalAddress, urlHost } from '../net/address';
import type { ApiEndpoint, Host, LoadBalancer } from './topology';

/** k3s makes room for haproxy, which takes the public port on the same hosts. */
const usualBackendPort = 7443;
/** Where it goes when the user took the usual one, or the next, which kube-apiserver itself listens on. */
const otherBackendPort = 9443;
/** Where haproxy tells keepalived about itself, on loopback only. k3s takes 6443 and 6444 there. */
const usualMonitorPort = 6442;

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
    backendPort: backendPort(config.api.port),
    monitorPort: config.api.port === usualMonitorPort ? usualMonitorPort - 1 : usualMonitorPort,
    idleTimeout: config.api.idleTimeout,
  };
}

function backendPort(publicPort: number): number {
  const taken = publicPort === usualBackendPort || publicPort === usualBackendPort + 1;
  return taken ? otherBackendPort : usualBackendPort;
}

/** The last byte of an address, 1 to 255: two clusters in a subnet have different virtual IPs, so different ids. */
function lastByte(address: string): number {
  const text = canonicalAddress(address);
  const byte = text.includes(':')
    ? Number.parseInt(text.slice(text.lastIndexOf(':') + 1) || '0', 16) & 0xff
    : Number(text.slice(text.lastIndexOf('.') + 1));
  return byte === 0 ? 255 : byte;
}
