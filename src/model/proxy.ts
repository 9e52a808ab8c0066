import type { Config } from '../config/config';
import { contains, parseRange } from '../net/address';
import type { ApiEndpoint, Host, Network, ProxySettings } from './topology';

/** The proxy, and all that must not go through it: the cluster's own addresses and names. */
export function resolveProxy(
  config: Config,
  network: Network,
  api: ApiEndpoint,
  hosts: readonly Host[],
): ProxySettings | undefined {
  const { http = config.proxy?.https, https = http, except = [] } = config.proxy ?? {};
  if (http === undefined || https === undefined) return undefined;
  const networks = [...network.nodes, ...network.pods, ...network.services];
  // Networks cover most hosts, so that the list stays short with a thousand of them.
  const outside = [api.address, ...hosts.flatMap((host) => host.nodeIps)].filter((ip) => !isIn(ip, networks));
  return {
    http,
    https,
    except: [
      ...new Set([
        'localhost',
        '127.0.0.0/8',
        '::1',
        '.svc',
        '.cluster.local',
        ...networks,
        ...outside,
        ...api.names,
      ]),
      ...except,
    ],
  };
}

function isIn(ip: string, networks: readonly string[]): boolean {
  const address = parseRange(ip);
  return networks.some((network) => {
    const range = parseRange(network);
    return address !== undefined && range !== undefined && contains(range, address);
  });
}
