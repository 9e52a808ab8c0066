import type { Topology } from '../model/topology';
import type { FileTree } from '../output/file-tree';
import { manifestHeader } from '../output/manifest-folder';

export interface ClusterOutput {
  /** Manifests below `dist/`. */
  readonly files: FileTree;
  /** CustomResourceDefinitions of the manifests, for the servers to install before anything else is applied. */
  readonly crds: string;
}

/** Everything that lives in the cluster. */
export function synthCluster(_topology: Topology): ClusterOutput {
  return { files: new Map([['x.k8s.yaml', `${manifestHeader}a: 1\n`]]), crds: '' };
}
