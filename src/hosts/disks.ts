import { Construct } from 'constructs';
import type { Host, Topology } from '../model/topology';
import { proxyEnv } from './proxy-env';
import { RemoteStep } from './remote-step';
import run from './scripts/disks.sh';
import packages from './scripts/lib-packages.sh';
import systemd from './scripts/lib-systemd.sh';
import { stepScripts } from './step-scripts';

export interface DisksProps {
  readonly host: Host;
  readonly topology: Topology;
  readonly dependsOn: readonly RemoteStep[];
}

const files = { ...stepScripts, 'lib-packages.sh': packages, 'lib-systemd.sh': systemd, 'run.sh': run };

/** Mounts the disks of a host. A disk that is no longer declared stays mounted: its data may be in use. */
export class Disks extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, { host, topology, dependsOn }: DisksProps) {
    super(scope, id);
    this.step = new RemoteStep(this, 'disks', {
      host,
      provisioner: topology.provisioner,
      files,
      env: proxyEnv(topology.proxy),
      // The schema lets no blanks into paths.
      hostFiles: {
        disks: host.disks
          .map(({ device, mount, filesystem, format }) => `${device} ${mount} ${filesystem} ${format}\n`)
          .join(''),
      },
      dependsOn,
    });
  }
}
