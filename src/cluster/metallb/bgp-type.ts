import type { EnvVar } from 'cdk8s-plus-28/lib/imports/k8s';
import type { BgpBackend } from '../../model/metallb';

/** Sets which backend's rules controller and speaker follow. Their default is `native`. */
export function bgpType(backend: BgpBackend): EnvVar[] {
  return backend === 'frr' || backend === 'frr-k8s' ? [{ name: 'METALLB_BGP_TYPE', value: backend }] : [];
}
