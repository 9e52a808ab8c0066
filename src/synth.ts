import { userCharts } from './apps/charts';
import { synthCluster } from './cluster/cluster-app';
import { type ManifestProblem, ManifestProblems } from './manifest-problems';
import type { SynthesizedStep } from './model/host-step';
import type { Topology } from './model/topology';
import type { FileTree } from './output/file-tree';
import { signed } from './output/manifest-header';
import { hostsText } from './review/hosts-text';
import { synthHosts } from './roles/hosts-app';

/** All outputs, complete and valid, before a byte of any is written. */
export interface Outputs {
  /** Below `cdktf.out/`. */
  readonly hosts: FileTree;
  /** What the hosts output does, roughly in the order of an apply. */
  readonly steps: readonly SynthesizedStep[];
  /** Below `dist/`. */
  readonly cluster: FileTree;
  /** Below `hosts/`: what the hosts output does, for people. */
  readonly text: FileTree;
  /** What may be wrong with manifests because of cluster.yaml. */
  readonly warnings: readonly ManifestProblem[];
}

/**
 * The one synth step: pure, so the same topology gives the same bytes anywhere.
 *
 * @throws ManifestProblems when manifests cannot be made as cluster.yaml wants them
 * @throws Error listing every construct that does not validate
 */
export function synth(topology: Topology): Outputs {
  const { files, warnings, ...handedOver } = synthCluster(topology, userCharts);
  const hosts = synthHosts(topology, handedOver);
  const text = signed('synth', hostsText(topology, hosts.steps));
  return { cluster: signed('synth', files), hosts: hosts.files, steps: hosts.steps, text, warnings };
}

/** What is wrong with manifests because of what the user wrote; empty without `manifests` and `patches`. */
export function manifestProblems(topology: Topology): readonly ManifestProblem[] {
  if (topology.manifests.length === 0 && topology.patches.length === 0) return [];
  try {
    return synthCluster(topology, userCharts).warnings;
  } catch (error) {
    if (error instanceof ManifestProblems) return error.problems;
    throw error;
  }
}
