/** Last parts of the files beside the state that record what was applied: `lab.tfstate.k3s-version` is there while a cluster 'lab' is. */
export const recordKinds = [
  'k3s-version',
  'database-hosts',
  'nfs-hosts',
  'host-machines',
  'fixed-settings',
] as const;
export type RecordKind = (typeof recordKinds)[number];

/**
 * What to do if the folder has the records of another cluster. Its state is not found under the new name, so
 * everything would be created from scratch beside it, on the same hosts.
 */
export function renamedCluster(old: string, name: string): string {
  return `The cluster in this folder is '${old}', and '${name}' would be created from scratch beside it, because the state goes by the name. To keep the name, set 'name: ${old}' in cluster.yaml. To rename the cluster, run in this folder: for file in ${old}.tfstate*; do mv -n "$file" "${name}\${file#${old}}"; done; rm -f cdktf.out/stacks/hosts/.terraform/terraform.tfstate. For a second cluster, make a folder of its own. If '${old}' is gone, delete ${old}.tfstate and the files whose names begin with it.`;
}
