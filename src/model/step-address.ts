import type { Topology } from './topology';

/** Name of a step's resource in Terraform: `server1_k3s`. Names there start with a letter, host names may not. */
export function stepName(host: string, step: string): string {
  return /^\d/.test(host) ? `host_${host}_${step}` : `${host}_${step}`;
}

/** Address of a step in Terraform: `null_resource.server1_k3s`. */
export function stepAddress(provisioner: Topology['provisioner'], host: string, step: string): string {
  const type = provisioner === 'builtin' ? 'terraform_data' : 'null_resource';
  return `${type}.${stepName(host, step)}`;
}
