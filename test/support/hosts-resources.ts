import type { Topology } from '../../src/model/topology';
import { synthHosts } from '../../src/roles/hosts-app';

/** A block of Terraform's JSON. */
export type Block = Readonly<Record<string, unknown>>;

/** What Terraform reads of the hosts. */
export function hostsConfiguration(topology: Topology) {
  const outputs = synthHosts(topology, { crds: '', manifestSet: '' }).files;
  return JSON.parse(outputs.get('stacks/hosts/cdk.tf.json') ?? '{}') as {
    readonly resource: Record<string, Record<string, Block>>;
    readonly locals: Record<string, unknown>;
  };
}

/** Terraform's resources by their logical id: `byId('server1_k3s')`. */
export function hostsResources(topology: Topology): (id: string) => Block {
  const { resource } = hostsConfiguration(topology);
  const all = Object.assign({}, ...Object.values(resource)) as Record<string, Block>;
  return (id) => {
    const found = all[id];
    if (!found) throw new Error(`no resource '${id}', there are ${Object.keys(all).sort().join(', ')}`);
    return found;
  };
}
