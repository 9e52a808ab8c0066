import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFile } from '../model/state-file';
import type { Topology } from '../model/topology';

/**
 * Whether something has been applied to hosts with the secrets in this folder: Terraform's state is there and
 * not empty, as it would be after a destroy.
 */
export function hasRun(folder: string, topology: Pick<Topology, 'name'>): boolean {
  const file = join(folder, stateFile(topology));
  if (!existsSync(file)) return false;
  try {
    const { resources } = JSON.parse(readFileSync(file, 'utf8'));
    return !Array.isArray(resources) || resources.length > 0;
  } catch {
    // Damaged or encrypted (OpenTofu): there was something.
    return true;
  }
}
