import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import type { Host, Topology } from '../../model/topology';
import type { HostsContext } from '../hosts-context';
import { stepScripts } from '../lib/step-scripts';
import run from './k3s-definitions.sh';

export interface K3sDefinitionsProps {
  readonly topology: Topology;
  readonly context: HostsContext;
  /** The server on which the step runs. */
  readonly server: Host;
  /** Every server has been started with the definitions. */
  readonly dependsOn: readonly RemoteStep[];
}

/**
 * Custom resource definitions, which k3s installs by itself some time after its start, and the object in
 * which kubectl tracks what it applies: after this step everything can be applied to the cluster. Nothing on
 * the hosts waits for it.
 */
export class K3sDefinitions extends Construct {
  constructor(scope: Construct, id: string, props: K3sDefinitionsProps) {
    super(scope, id);
    const { topology, context, server, dependsOn } = props;
    new RemoteStep(this, 'definitions', {
      host: server,
      provisioner: topology.provisioner,
      files: {
        ...stepScripts({ 'run.sh': run }),
        'crds.yaml': context.crds,
        'manifest-set.yaml': context.manifestSet,
      },
      dependsOn,
    });
  }
}
