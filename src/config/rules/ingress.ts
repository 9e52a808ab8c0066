import type { Draft } from '../draft';
import { quote } from '../quote';
import { known } from './known';
import type { Finding } from './rule';

type DraftPool = NonNullable<NonNullable<NonNullable<Draft['metallb']>['pools']>[number]>;

const namespace = 'kube-system';

/** Whether services of k3s's own namespace may use a pool; true while it is not known. */
function isForIngress({ allocation }: DraftPool): boolean {
  const { namespaces, namespaceSelectors } = allocation ?? {};
  if (!namespaces?.length || !namespaceSelectors || namespaceSelectors.length > 0) return true;
  return namespaces.includes(undefined) || namespaces.includes(namespace);
}

/** Traefik is a service in `kube-system`: it would wait forever for an address that no pool gives it. */
export function* ingressGetsAddress(config: Draft): Iterable<Finding> {
  const ingress = config.addons?.ingress;
  const pools = known(config.metallb?.pools);
  if (ingress === undefined || ingress === 'none' || pools.length === 0) return;
  // With its own load balancer class, MetalLB ignores Traefik.
  if (config.metallb?.pools?.includes(undefined) || config.metallb?.loadBalancerClass !== undefined) return;
  // The user's own values may request an address.
  const values = typeof ingress === 'object' ? (ingress.values ?? {}) : {};
  if (Object.keys(values).length > 0) return;
  const named = typeof ingress === 'object' ? ingress.pool : undefined;
  const asked = typeof ingress === 'object' && ('pool' in ingress || 'addresses' in ingress);
  const candidates = pools.filter(([, { name }]) => named === undefined || name === named);
  if (candidates.length === 0) return;
  if (!candidates.some(([, pool]) => isForIngress(pool))) {
    yield named === undefined
      ? {
          path: ['metallb', 'pools'],
          severity: 'warning',
          target: 'key',
          message: `no pool is for the namespace '${namespace}', where Traefik needs an address: add it to 'allocation.namespaces' of one, or set 'addons.ingress: none'`,
        }
      : {
          path: ['addons', 'ingress', 'pool'],
          severity: 'warning',
          message: `the pool ${quote(named)} is not for the namespace '${namespace}', where Traefik needs an address: add it to its 'allocation.namespaces', or name another pool`,
        };
  } else if (!asked && candidates.every(([, pool]) => pool.autoAssign === false || !isForIngress(pool))) {
    yield {
      path: ['metallb', 'pools'],
      severity: 'warning',
      target: 'key',
      message:
        "no pool gives an address to Traefik, which asks for none: set 'addons.ingress: { controller: traefik, pool: NAME }', or let one have 'autoAssign: true'",
    };
  }
}
