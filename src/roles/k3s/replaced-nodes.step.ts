import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { machineIdentity } from '../../hosts/machine-identity';
import { membershipResource } from '../../hosts/membership';
import { RemoteStep, type RemoteStepProps } from '../../hosts/remote-step';
import type { Host, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import run from './replaced-nodes.sh';

export interface ReplacedNodesProps {
  readonly topology: Topology;
  /** The server that makes the changes. */
  readonly server: Host;
  /** All servers are ready. */
  readonly dependsOn: NonNullable<RemoteStepProps['dependsOn']>;
}

/**
 * Makes way for new machines under the names of old ones, before agents join: under the name of an existing
 * node, k3s admits only a machine with that node's password, which is lost with the old machine. A machine is
 * identified by its SSH host key. Their list is no trigger, so that one more agent runs no step here: another key of a
 * host that was there is.
 */
export class ReplacedNodes extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { topology, server, dependsOn }: ReplacedNodesProps) {
    super(scope, id);
    TerraformStack.of(this).addOverride('locals.agent_machines', machinesOf(topology));
    this.step = new RemoteStep(this, 'replaced-nodes', {
      host: server,
      provisioner: topology.provisioner,
      files: stepScripts({ 'run.sh': run }),
      lateEnv: { MACHINES: 'local.agent_machines' },
      changesOf: [membershipResource],
      dependsOn,
    });
  }
}

/** `name=fingerprint`, separated by blanks. */
function machinesOf({ agents }: Topology): string {
  return agents.map((host) => `${host.name}=${machineIdentity(host)}`).join(' ');
}
