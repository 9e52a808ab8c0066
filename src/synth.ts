import { userCharts } from './apps/charts';
import { synthCluster } from './cluster/cluster-app';
import type { HostStep } from './model/host-step';
import type { Topology } from './model/topology';
import type { FileTree } from './output/file-tree';
import { synthHosts } from './roles/hosts-app';

/** Both outputs, complete and valid, before a byte of either is written. */
export interface Outputs {
  /** Below `cdktf.out/`. */
  readonly hosts: FileTree;
  /** What the hosts output does, about in the order of an apply. */
  readonly steps: readonly HostStep[];
  /** Below `dist/`. */
  readonly cluster: FileTree;
}

/**
 * The one synth step: pure, so the same topology gives the same bytes anywhere.
 *
 * @throws Error listing every construct that does not validate
 */
export function synth(topology: Topology): Outputs {
  const { files, ...handedOver } = synthCluster(topology, userCharts);
  const hosts = synthHosts(topology, handedOver);
  return { cluster: files, hosts: hosts.files, steps: hosts.steps };
}
