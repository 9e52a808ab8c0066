import { isDeferrable } from './deferral';
import { type RecordKind, recordKinds } from './records';
import type { Host, Topology } from './topology';

/** Name of a step's resource in Terraform: `server1_k3s`. Names there start with a letter, host names may not. */
export function stepName(host: string, step: string): string {
  return /^\d/.test(host) ? `host_${host}_${step}` : `${host}_${step}`;
}

/** Address of a step's resource in Terraform: `null_resource.server1_k3s`. */
export function stepResource(provisioner: Topology['provisioner'], host: string, step: string): string {
  const type = provisioner === 'builtin' ? 'terraform_data' : 'null_resource';
  return `${type}.${stepName(host, step)}`;
}

/** Address of a step in plans, messages and states: `null_resource.server1_k3s`, `null_resource.agent1_k3s[0]`. */
export function stepAddress(
  provisioner: Topology['provisioner'],
  host: Pick<Host, 'name' | 'roles'>,
  step: string,
): string {
  return `${stepResource(provisioner, host.name, step)}${isDeferrable(host) ? '[0]' : ''}`;
}

/** What the mark of a host's finished runs ends with; no step has this name. */
const finished = 'finished';

/** Name of the resource that marks the runs which a host has finished: `server1_finished`. */
export function finishedName(host: string): string {
  return stepName(host, finished);
}

/** The inverse, of its address: name of the host. */
export function finishedAt(address: string): string | undefined {
  const at = address.startsWith('terraform_data.') ? hostAndStep(address) : undefined;
  return at?.step === finished ? at.host : undefined;
}

/** The inverse, for states of earlier descriptions. Undefined for what is not a step. */
export function stepAt(address: string): { readonly host: string; readonly step: string } | undefined {
  // Their addresses look alike.
  if (recordKinds.some((kind) => recordAddress(kind) === address)) return undefined;
  const at = hostAndStep(address);
  return at?.step === finished ? undefined : at;
}

function hostAndStep(address: string): { readonly host: string; readonly step: string } | undefined {
  const [, host, step] =
    /^(?:null_resource|terraform_data)\.(?:host_(?=\d))?([a-z0-9.-]+)_([a-z0-9-]+)(?:\[0\])?$/.exec(
      address,
    ) ?? [];
  return host !== undefined && step !== undefined ? { host, step } : undefined;
}

/** Address of a host's membership in the cluster: its removal drains the node and uninstalls k3s. */
export function membershipAddress(host: string): string {
  return `terraform_data.membership["${host}"]`;
}

/** The inverse: name of the host. */
export function memberAt(address: string): string | undefined {
  return /^terraform_data\.membership\["([^"]+)"\]$/.exec(address)?.[1];
}

/** Name of the resource that is a record: `k3s_version`. */
export function recordName(kind: RecordKind): string {
  return kind.replaceAll('-', '_');
}

/** Its address in Terraform. */
export function recordAddress(kind: RecordKind): string {
  return `terraform_data.${recordName(kind)}`;
}
