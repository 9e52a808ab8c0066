import { type Answer, text, word } from '../../status/answer';
import type { RoleStatus } from '../role-status';
import probe from './probe-load-balancer.sh';
import { loadBalancerProblems, virtualIpMoves } from './problems';

export interface LoadBalancerStatus {
  readonly holdsVirtualIp: boolean;
  /** Servers of the API as haproxy sees them; empty when haproxy does not answer. */
  readonly backends: readonly { readonly name: string; readonly up: boolean; readonly check: string }[];
}

/** Where the virtual IP is, and what haproxy thinks of the servers. */
export const loadBalancerStatus: RoleStatus = {
  units: () => ['haproxy.service', 'keepalived.service'],
  probe: {
    script: probe,
    calls: ['load_balancer'],
    inputs: ({ api }) => ({ VIRTUAL_IP: api.loadBalancer?.virtualIp ?? '' }),
  },
  read: (answer) => (answer.first('virtual-ip') ? { loadBalancer: read(answer) } : {}),
  unsettled: virtualIpMoves,
  problems: loadBalancerProblems,
  *rows({ servers }, hosts) {
    const balancers = hosts.flatMap(({ name, loadBalancer }) => {
      if (!loadBalancer) return [];
      const up = loadBalancer.backends.filter((backend) => backend.up).length;
      return [`${name} ${loadBalancer.backends.length === 0 ? 'none' : `${up}/${servers.length}`}`];
    });
    if (balancers.length > 0) yield ['haproxy', `servers up, as seen by ${balancers.join(', ')}`];
  },
};

function read(answer: Answer): LoadBalancerStatus {
  return {
    holdsVirtualIp: answer.first('virtual-ip')?.[0] === 'yes',
    backends: answer.all('backend').map(([name, state, check]) => ({
      name: word(name, 'a host name'),
      up: state?.startsWith('UP') ?? false,
      check: text(check),
    })),
  };
}
