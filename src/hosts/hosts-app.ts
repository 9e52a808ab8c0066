import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import type { Topology } from '../model/topology';
import type { FileTree } from '../output/file-tree';
import { HostsStack } from './hosts-stack';

export interface HostsContext {
  /** CustomResourceDefinitions for k3s to install at its first start. */
  readonly crds: string;
}

/** Everything that happens on the hosts, as files below `cdktf.out/`. */
export function synthHosts(topology: Topology, context: HostsContext): FileTree {
  // cdktf's App makes folders as soon as it is constructed; what it would write is taken from it instead.
  const scratch = mkdtempSync(join(tmpdir(), 'k3s-cdk-'));
  try {
    const app = new App({ outdir: scratch, skipValidation: false });
    const stack = new HostsStack(app, topology, context);
    return stack.files();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
