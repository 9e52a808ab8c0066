import type { Topology } from './topology';

/** Terraform's state of a cluster, beside its cluster.yaml. */
export function stateFile({ name }: Pick<Topology, 'name'>): string {
  return `${name}.tfstate`;
}
