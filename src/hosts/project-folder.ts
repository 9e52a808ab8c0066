/** Folder that holds `cdktf.out/` and `secrets/`, from the stack's, where Terraform runs. */
export const projectFolder = '../../..';

/** A path of cluster.yaml as Terraform finds it: `~` and absolute ones lead there from everywhere. */
export function fromStack(path: string): string {
  return /^[~/]/.test(path) ? path : `${projectFolder}/${path}`;
}
