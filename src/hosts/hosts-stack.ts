import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { type App, LocalBackend, TerraformStack } from 'cdktf';
import type { Host, Topology } from '../model/topology';
import type { HostsContext } from './hosts-app';
import { Prepare } from './prepare';

/** All steps on all hosts, in the order they depend on each other. */
export class HostsStack extends TerraformStack {
  constructor(app: App, topology: Topology, _context: HostsContext) {
    super(app, 'hosts');
    // cdktf's default is an absolute path, and the state must survive a removal of cdktf.out.
    new LocalBackend(this, { path: `../../../${topology.name}.tfstate` });
    if (topology.provisioner === 'null-resource') new NullProvider(this, 'null');

    const prepared = new Map<Host, Prepare>();
    for (const host of topology.hosts)
      prepared.set(host, new Prepare(this, `${host.name}-prepare`, { host, topology }));
  }
}
