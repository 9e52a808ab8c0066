import { Construct } from 'constructs';
import { machineIdentity } from '../../hosts/machine-identity';
import { RemoteStep } from '../../hosts/remote-step';
import type { Host, K3sConfigValue, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import run from './k3s-nodes.sh';
import node from './lib-node.sh';

export interface K3sNodesProps {
  readonly topology: Topology;
  /** The server that makes the changes. */
  readonly server: Host;
  /** Every node is ready. */
  readonly dependsOn: readonly RemoteStep[];
}

/**
 * Labels, taints and the machines of all nodes, kept as cluster.yaml has them after nodes registered. Made on a server, because nodes
 * may not change their own taints.
 */
export class K3sNodes extends Construct {
  constructor(scope: Construct, id: string, props: K3sNodesProps) {
    super(scope, id);
    const { topology, server, dependsOn } = props;
    new RemoteStep(this, 'nodes', {
      host: server,
      provisioner: topology.provisioner,
      files: {
        ...stepScripts,
        'lib-node.sh': node,
        'run.sh': run,
        nodes: topology.nodes.map(nodeLine).join(''),
      },
      env: { SERVERS: topology.servers.map(({ name }) => name).join(' ') },
      dependsOn,
    });
  }
}

function nodeLine(host: Host): string {
  const { k3sConfig = {} } = host;
  return `${host.name} ${machineIdentity(host)} ${list(k3sConfig['node-label'])} ${list(k3sConfig['node-taint'])}\n`;
}

function list(value: K3sConfigValue | undefined): string {
  return value === undefined ? '-' : [value].flat().join(',');
}
