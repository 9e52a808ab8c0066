import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { carryOver, renamedCluster } from '../model/renamed-cluster';
import { defaultStateFile, stateFile } from '../model/state-file';
import type { Topology } from '../model/topology';

/**
 * What to do if the folder of cluster.yaml has a state that Terraform would not find, and create everything again.
 * Undefined if there is none.
 */
export function forgottenState(
  folder: string,
  { name, backend }: Pick<Topology, 'name' | 'backend'>,
): string | undefined {
  const own = stateFile({ name, ...(backend && { backend }) });
  const file = readdirSync(folder).find(
    (file) => file.endsWith('.tfstate') && file !== own && isState(join(folder, file)),
  );
  if (file === undefined) return undefined;
  return backend ? carryOver(file) : renamedCluster(file.slice(0, -defaultStateFile('').length), name);
}

/**
 * Whether a file is the state of something: not of nothing, as after a destroy.
 */
export function isState(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const { resources } = JSON.parse(readFileSync(file, 'utf8'));
    return !Array.isArray(resources) || resources.length > 0;
  } catch {
    // Damaged or encrypted (OpenTofu): there was something.
    return true;
  }
}
