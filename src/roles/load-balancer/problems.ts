import type { Topology } from '../../model/topology';
import type { HostStatus } from '../../status/host-status';
import type { Problem } from '../../status/problem';

/** Problems on the path to the API. */
export function* loadBalancerProblems(topology: Topology, hosts: readonly HostStatus[]): Iterable<Problem> {
  yield* virtualIpProblems(topology, hosts);
  yield* backendProblems(hosts);
}

/** Of the servers that were asked: those that have the virtual IP, and those that do not say. */
function virtualIp(hosts: readonly HostStatus[]) {
  const servers = hosts.filter(({ roles }) => roles.includes('server'));
  const holders = servers.filter(({ loadBalancer }) => loadBalancer?.holdsVirtualIp).map(({ name }) => name);
  const unknown = servers.filter(({ loadBalancer }) => !loadBalancer).map(({ name }) => name);
  return { servers, holders, unknown };
}

/** Servers that have answered, when not just one has the virtual IP: keepalived may be moving it. */
export function virtualIpMoves({ api, servers }: Topology, hosts: readonly HostStatus[]): string[] {
  const { holders, servers: asked } = virtualIp(hosts);
  const isWhole = asked.length === servers.length;
  if (api.loadBalancer?.virtualIp === undefined || !isWhole || holders.length === 1) return [];
  return asked.filter(({ loadBalancer, steps }) => loadBalancer && steps.length > 0).map(({ name }) => name);
}

function* virtualIpProblems({ api }: Topology, hosts: readonly HostStatus[]): Iterable<Problem> {
  const address = api.loadBalancer?.virtualIp;
  if (address === undefined) return;
  const { servers, holders, unknown } = virtualIp(hosts);
  if (holders.length === 0 && unknown.length === servers.length) return;
  if (holders.length === 0)
    yield {
      severity: 'error',
      code: 'virtual-ip-nowhere',
      message: `no ${unknown.length > 0 ? 'server that answers' : 'server'} has the virtual IP ${address}: see 'journalctl -u keepalived' on the servers`,
    };
  else if (holders.length > 1)
    yield {
      severity: 'error',
      code: 'virtual-ip-twice',
      message: `${holders.join(' and ')} have the virtual IP ${address} at the same time: VRRP (IP protocol 112) does not get through between them`,
    };
}

/**
 * A server that haproxy considers down, although it seems healthy: usually because of the network between the
 * two.
 */
function* backendProblems(hosts: readonly HostStatus[]): Iterable<Problem> {
  const well = new Set(hosts.filter(({ k3s }) => k3s?.api?.answers).map(({ name }) => name));
  for (const { name: host, loadBalancer, units } of hosts) {
    if (!loadBalancer) continue;
    const runs = units.some(({ name, active }) => name === 'haproxy.service' && active === 'active');
    if (runs && loadBalancer.backends.length === 0)
      yield {
        severity: 'error',
        code: 'load-balancer-silent',
        host,
        message: "has a haproxy that does not answer at its socket: see 'journalctl -u haproxy' on it",
      };
    for (const { name, up, check } of loadBalancer.backends)
      if (!up && well.has(name))
        yield {
          severity: 'error',
          code: 'backend-down',
          host,
          message: `has a haproxy that finds the API of ${name} down (${check}), which itself says that it answers: does the network between them let its port through?`,
        };
  }
}
