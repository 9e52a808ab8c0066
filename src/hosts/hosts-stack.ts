import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { type App, LocalBackend, TerraformStack } from 'cdktf';
import type { Host, Topology } from '../model/topology';
import { Database } from './database';
import type { HostsContext } from './hosts-app';
import { Nfs } from './nfs';
import { NfsClient } from './nfs-client';
import { Prepare, prepareFiles } from './prepare';
import { projectFolderKey, type RemoteStep } from './remote-step';

/** All steps on all hosts, in the order they depend on each other. */
export class HostsStack extends TerraformStack {
  constructor(app: App, topology: Topology, context: HostsContext) {
    super(app, 'hosts');
    this.node.setContext(projectFolderKey, context.projectFolder);
    // cdktf's default is an absolute path, and the state must survive a removal of cdktf.out.
    new LocalBackend(this, { path: `${context.projectFolder}/${topology.name}.tfstate` });
    if (topology.provisioner === 'null-resource') new NullProvider(this, 'null');

    // All machines at once.
    const prepared = new Map<Host, readonly RemoteStep[]>();
    const files = prepareFiles(topology);
    for (const host of topology.hosts)
      prepared.set(host, [new Prepare(this, `${host.name}-prepare`, { host, topology, files }).step]);

    // Storage, on its own machines' heels.
    for (const host of topology.databases)
      new Database(this, `${host.name}-database`, { host, topology, dependsOn: prepared.get(host) ?? [] });
    const { nfs } = topology;
    if (nfs) {
      const { step } = new Nfs(this, `${nfs.host.name}-nfs`, {
        nfs,
        topology,
        dependsOn: prepared.get(nfs.host) ?? [],
      });
      for (const host of topology.nodes)
        new NfsClient(this, `${host.name}-nfs-client`, {
          host,
          nfs,
          provisioner: topology.provisioner,
          dependsOn: [...(prepared.get(host) ?? []), step],
        });
    }

    // k3s: the first server, the other servers with their load balancers beside them, the agents.
  }
}
