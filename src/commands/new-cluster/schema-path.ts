import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ProgramFiles } from '../program-files';

const name = 'cluster.schema.json';
const original = `schema/${name}`;

/**
 * How cluster.yaml refers to the schema for editors. A package installed in the project, or a clone around
 * it, is the same for everybody who has the project, so its own file is used. Otherwise the folder gets a
 * copy, which is kept up to date: a path of this machine would mean nothing on another.
 */
export function ensureSchema(folder: string, files: ProgramFiles): string {
  const { folder: root } = files;
  const project = root?.endsWith('/node_modules/k3s-cdk') ? dirname(dirname(root)) : root;
  if (root !== undefined && `${folder}/`.startsWith(`${project}/`)) {
    const path = relative(folder, join(root, original));
    return path.startsWith('.') ? path : `./${path}`;
  }
  copy(folder, files);
  return `./${name}`;
}

/** Updates an existing copy to the current version. */
export function refreshSchema(folder: string, files: ProgramFiles): void {
  if (existsSync(join(folder, name))) copy(folder, files);
}

function copy(folder: string, files: ProgramFiles): void {
  const target = join(folder, name);
  const text = files.text(original);
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
}
