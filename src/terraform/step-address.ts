/** What a resource of the hosts stack stands for. */
export type StepAddress =
  | { readonly kind: 'step'; readonly host: string; readonly step: string }
  /** That a host belongs to the cluster: its removal drains the node and uninstalls k3s. */
  | { readonly kind: 'membership'; readonly host: string };

/**
 * The step behind a resource's address: `null_resource.server1_k3s`, `terraform_data.membership["agent1"]`. Host names
 * have no underscore; those that begin with a digit have `host_` before them. Undefined for what is no step of ours.
 */
export function parseStepAddress(address: string): StepAddress | undefined {
  const [, member] = /^terraform_data\.membership\["([^"]+)"\]$/.exec(address) ?? [];
  if (member !== undefined) return { kind: 'membership', host: member };
  // Notes for later plans: named alike, and nothing of a host.
  if (/^terraform_data\.(k3s_version|(database|nfs)_hosts|host_machines)$/.test(address)) return undefined;
  const [, host, step] =
    /^(?:null_resource|terraform_data)\.(?:host_(?=\d))?([a-z0-9.-]+)_([a-z0-9-]+)$/.exec(address) ?? [];
  return host !== undefined && step !== undefined ? { kind: 'step', host, step } : undefined;
}
