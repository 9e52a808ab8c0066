import type { Topology } from './topology';

/** Terraform's state of a cluster as a file, from the folder of cluster.yaml. Undefined when it is kept elsewhere. */
export function stateFile({ name, backend }: Pick<Topology, 'name' | 'backend'>): string | undefined {
  if (backend === undefined) return defaultStateFile(name);
  const path = backend.type === 'local' ? (backend.settings.path ?? defaultStateFile(name)) : undefined;
  return typeof path === 'string' ? path : undefined;
}

/** The state of a cluster without `terraform.backend`. */
export function defaultStateFile(name: string): string {
  return `${name}.tfstate`;
}
