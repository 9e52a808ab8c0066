import { escapeTemplate } from './template-literal';

/** Folder that holds `cdktf.out/` and `secrets/`, from the stack's, where Terraform runs. */
export const projectFolder = '../../..';

/** A path of cluster.yaml as Terraform finds it: `~` and absolute paths work from anywhere. */
export function fromStack(path: string): string {
  return /^[~/]/.test(path) ? path : `${projectFolder}/${path}`;
}

/** The same as a template, with `~` expanded. */
export function operatorPath(path: string): string {
  if (path.startsWith('~')) return `\${pathexpand("${escapeTemplate(path)}")}`;
  if (path.startsWith('/')) return escapeTemplate(path);
  return `\${path.module}/${projectFolder}/${escapeTemplate(path)}`;
}
