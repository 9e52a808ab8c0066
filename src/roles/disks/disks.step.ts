import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { proxyEnv } from '../../model/proxy-env';
import type { Host, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import { diskLines } from './disk-lines';
import { filesystemPackages } from './disks';
import run from './disks.sh';

export interface DisksProps {
  readonly host: Host;
  readonly topology: Topology;
  readonly dependsOn: readonly RemoteStep[];
}

const files = stepScripts({ 'run.sh': run });

/** Mounts the disks of a host. A disk that is no longer declared stays mounted: its data may be in use. */
export class Disks extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, topology, dependsOn }: DisksProps) {
    super(scope, id);
    this.step = new RemoteStep(this, 'disks', {
      host,
      provisioner: topology.provisioner,
      files,
      env: {
        EXT4_PACKAGE: filesystemPackages.ext4,
        XFS_PACKAGE: filesystemPackages.xfs,
        ...proxyEnv(topology.proxy),
      },
      hostFiles: {
        disks: diskLines(host),
      },
      dependsOn,
    });
  }
}
