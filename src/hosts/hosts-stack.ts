import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { Resource } from '@cdktf/provider-null/lib/resource';
import { type App, LocalBackend, TerraformStack } from 'cdktf';
import type { Topology } from '../model/topology';
import type { FileTree } from '../output/file-tree';
import type { HostsContext } from './hosts-app';

export class HostsStack extends TerraformStack {
  constructor(app: App, topology: Topology, _context: HostsContext) {
    super(app, 'hosts');
    new LocalBackend(this, { path: `../../../${topology.name}.tfstate` });
    new NullProvider(this, 'null');
    for (const host of topology.hosts)
      new Resource(this, `${host.name}_prepare`, { triggers: { address: host.address } });
  }
  files(): FileTree {
    this.prepareStack();
    this.runAllValidations();
    return new Map([['stacks/hosts/cdk.tf.json', `${JSON.stringify(this.toTerraform(), null, 2)}\n`]]);
  }
}
