/**
 * What to do if the folder has the state of another cluster. It is not found under the new name, so everything would be
 * created from scratch beside it, on the same hosts.
 */
export function renamedCluster(old: string, name: string): string {
  return `The cluster in this folder is '${old}', and '${name}' would be created from scratch beside it, because the state goes by the name. To keep the name, set 'name: ${old}' in cluster.yaml. To rename the cluster, run in this folder: for file in ${old}.tfstate*; do mv -n "$file" "${name}\${file#${old}}"; done; rm -f cdktf.out/stacks/hosts/.terraform/terraform.tfstate. For a second cluster, make a folder of its own. If '${old}' is gone, delete ${old}.tfstate and the files whose names begin with it.`;
}

/** What to do if the state is a file beside cluster.yaml, which names another place for it. */
export function carryOver(file: string): string {
  return `There is a state in '${file}' beside cluster.yaml, and 'terraform.backend' has it elsewhere, where everything would be created from scratch. To carry it over, run in this folder, with the backend's credentials in the environment: terraform -chdir=cdktf.out/stacks/hosts init -reconfigure && terraform -chdir=cdktf.out/stacks/hosts state push "$PWD/${file}" && mv ${file} ${file}.moved. If what it describes is gone, delete it.`;
}
