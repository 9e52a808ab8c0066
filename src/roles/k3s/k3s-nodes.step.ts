import { Construct } from 'constructs';
import { machineIdentity, reviewedMachine } from '../../hosts/machine-identity';
import { RemoteStep } from '../../hosts/remote-step';
import { deferredVariable, isDeferrable } from '../../model/deferral';
import type { Host, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import run from './k3s-nodes.sh';
import { labelList } from './node-config';

export interface K3sNodesProps {
  readonly topology: Topology;
  /** The server that makes the changes. */
  readonly server: Host;
  /** Every node is ready. */
  readonly dependsOn: readonly RemoteStep[];
}

/**
 * Keeps labels, taints and machines of all nodes as in cluster.yaml after nodes have registered. Runs on a
 * server, because nodes may not change their own taints.
 */
export class K3sNodes extends Construct {
  constructor(scope: Construct, id: string, props: K3sNodesProps) {
    super(scope, id);
    const { topology, server, dependsOn } = props;
    new RemoteStep(this, 'nodes', {
      host: server,
      provisioner: topology.provisioner,
      files: {
        ...stepScripts({ 'run.sh': run }),
        nodes: topology.nodes.map((host) => nodeLine(host, machineIdentity(host))).join(''),
      },
      reviewed: { nodes: topology.nodes.map((host) => nodeLine(host, reviewedMachine)).join('') },
      // A node that was off is there at the next apply.
      ...(topology.nodes.some(isDeferrable) && {
        triggers: { deferred: `\${join(" ", var.${deferredVariable})}` },
      }),
      env: { SERVERS: topology.servers.map(({ name }) => name).join(' ') },
      dependsOn,
    });
  }
}

function nodeLine({ name, labels, taints }: Host, machine: string): string {
  return `${name} ${machine} ${list(labelList(labels))} ${list(taints)}\n`;
}

function list(values: readonly string[]): string {
  return values.length === 0 ? '-' : values.join(',');
}
