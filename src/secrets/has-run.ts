import { join } from 'node:path';
import { stateFile } from '../model/state-file';
import type { Topology } from '../model/topology';
import { isState } from '../terraform/states-beside';

/**
 * Whether something has been applied to hosts with the secrets in this folder, as far as this machine knows: Terraform's
 * state is there and not empty, as it would be after a destroy.
 */
export function hasRun(folder: string, topology: Pick<Topology, 'name' | 'backend'>): boolean {
  const file = stateFile(topology);
  return file !== undefined && isState(join(folder, file));
}
