import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import type { Host, Topology } from '../../model/topology';
import { nodeParameters, type serverFiles } from './k3s-node';
import { serverUpload } from './server-upload';

export interface K3sServerProps {
  readonly host: Host;
  readonly topology: Topology;
  /** The same object for all servers. */
  readonly files: ReturnType<typeof serverFiles>;
  /**
   * The binary is there, the database runs, and the previous server is ready, or departing hosts have left.
   */
  readonly dependsOn: readonly Pick<RemoteStep, 'address'>[];
}

/** k3s's control plane on one host. */
export class K3sServer extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, props: K3sServerProps) {
    super(scope, id);
    const { host, topology, files, dependsOn } = props;
    this.step = new RemoteStep(this, 'k3s', {
      host,
      provisioner: topology.provisioner,
      files,
      ...nodeParameters(topology, host, 'server', serverUpload(host, topology)),
      dependsOn,
    });
  }
}
