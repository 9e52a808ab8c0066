import type { EnvVar } from 'cdk8s-plus-28/lib/imports/k8s';
import type { BgpBackend } from '../../model/metallb';

/** Tells controller and speaker which backend's rules hold. Theirs is `native` when unset. */
export function bgpType(backend: BgpBackend): EnvVar[] {
  return backend === 'frr' || backend === 'frr-k8s' ? [{ name: 'METALLB_BGP_TYPE', value: backend }] : [];
}
