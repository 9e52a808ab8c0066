import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { agentSecrets } from '../../model/secrets';
import type { Host, Topology } from '../../model/topology';
import { type agentFiles, nodeParameters } from './k3s-node';

export interface K3sAgentProps {
  readonly host: Host;
  readonly topology: Topology;
  /** The same object for all agents. */
  readonly files: ReturnType<typeof agentFiles>;
  /** The binary is there, and the API answers where agents join. */
  readonly dependsOn: readonly RemoteStep[];
}

/** k3s without control plane on one host: runs pods. */
export class K3sAgent extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, props: K3sAgentProps) {
    super(scope, id);
    const { host, topology, files, dependsOn } = props;
    this.step = new RemoteStep(this, 'k3s', {
      host,
      provisioner: topology.provisioner,
      files,
      ...nodeParameters(topology, host, 'agent', agentSecrets()),
      dependsOn,
    });
  }
}
