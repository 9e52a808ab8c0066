import type { Config } from '../config/config';

type AddonsConfig = Config['addons'];
type Traefik = Exclude<AddonsConfig['ingress'], string>;

export interface Addons extends Omit<AddonsConfig, 'ingress'> {
  /** Settings of Traefik; undefined when there is no ingress controller. */
  readonly traefik?: Omit<Traefik, 'controller'>;
}

/** The normal form of what cluster.yaml may write in several ways. */
export function addons({ ingress, ...rest }: AddonsConfig): Addons {
  if (ingress === 'none') return rest;
  return { ...rest, traefik: ingress === 'traefik' ? { values: {} } : ingress };
}
