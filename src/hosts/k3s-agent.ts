import { Construct } from 'constructs';
import { agentSecrets } from '../model/secrets';
import type { Host, Topology } from '../model/topology';
import { type agentFiles, nodeParameters, registriesTrigger } from './k3s-node';
import { operatorPath } from './project-folder';
import { RemoteStep } from './remote-step';

export interface K3sAgentProps {
  readonly host: Host;
  readonly topology: Topology;
  /** The same object for all agents. */
  readonly files: ReturnType<typeof agentFiles>;
  /** The binary is there, the API answers where agents join, and the agent before this one is ready. */
  readonly dependsOn: readonly RemoteStep[];
}

/** k3s without control plane on one host: runs pods. */
export class K3sAgent extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, props: K3sAgentProps) {
    super(scope, id);
    const { host, topology, files, dependsOn } = props;
    const { folder, hashed } = agentSecrets();
    const parameters = nodeParameters(topology, host, 'agent');
    this.step = new RemoteStep(this, 'k3s', {
      host,
      provisioner: topology.provisioner,
      files,
      ...parameters,
      upload: { folder, hashed, remedy: "run 'npx k3s-cdk init'" },
      triggers: { ...parameters.triggers, ...registriesTrigger(operatorPath(folder)) },
      dependsOn,
    });
  }
}
