import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const name = 'cluster.schema.json';

/**
 * How cluster.yaml refers to the schema for editors. A package installed in the project, or a clone around
 * it, is the same for everybody who has the project, so its own file is used. Otherwise the folder gets a
 * copy, which is kept up to date: a path of this machine would mean nothing on another.
 */
export function ensureSchema(folder: string, packageRoot: string): string {
  const original = join(packageRoot, 'schema', name);
  const project = packageRoot.endsWith('/node_modules/k3s-cdk') ? dirname(dirname(packageRoot)) : packageRoot;
  if (`${folder}/`.startsWith(`${project}/`)) {
    const path = relative(folder, original);
    return path.startsWith('.') ? path : `./${path}`;
  }
  copy(folder, original);
  return `./${name}`;
}

/** Updates an existing copy to the current version. */
export function refreshSchema(folder: string, packageRoot: string): void {
  if (existsSync(join(folder, name))) copy(folder, join(packageRoot, 'schema', name));
}

function copy(folder: string, original: string): void {
  const target = join(folder, name);
  const text = readFileSync(original, 'utf8');
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
}
