import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { type App, LocalBackend, TerraformStack } from 'cdktf';
import type { Host, Topology } from '../model/topology';
import type { HostsContext } from './hosts-app';
import { K3sPhases } from './k3s-phases';
import { Membership } from './membership';
import { Prepare } from './prepare';
import { projectFolderKey, type RemoteStep } from './remote-step';

/** All steps on all hosts, in the order they depend on each other. */
export class HostsStack extends TerraformStack {
  constructor(app: App, topology: Topology, context: HostsContext) {
    super(app, 'hosts');
    this.node.setContext(projectFolderKey, context.projectFolder);
    // cdktf's default is an absolute path, and the state must survive a removal of cdktf.out.
    new LocalBackend(this, { path: `${context.projectFolder}/${topology.name}.tfstate` });
    if (topology.provisioner === 'null-resource') new NullProvider(this, 'null');

    new Membership(this, 'membership', topology);

    // All machines at once.
    const prepared = new Map<Host, readonly RemoteStep[]>();
    for (const host of topology.hosts) prepared.set(host, this.prepare(host, topology));

    // Storage: database, nfs (on prepared machines).
    // k3s: binaries everywhere, then one server after the other with its load balancer, then the agents.
    new K3sPhases(this, 'k3s', { topology, crds: context.crds, prepared, storage: [] });
  }

  /** What every role of a host needs; returns the steps to wait for. */
  private prepare(host: Host, topology: Topology): RemoteStep[] {
    const { step } = new Prepare(this, `${host.name}-prepare`, { host, topology });
    return [step];
  }
}
