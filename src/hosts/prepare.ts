import { Construct } from 'constructs';
import type { Host, Topology } from '../model/topology';
import { RemoteStep } from './remote-step';
import packages from './scripts/lib-packages.sh';
import systemd from './scripts/lib-systemd.sh';
import run from './scripts/prepare.sh';
import { stepScripts } from './step-scripts';

export interface PrepareProps {
  readonly host: Host;
  readonly topology: Topology;
}

const files = { ...stepScripts, 'lib-packages.sh': packages, 'lib-systemd.sh': systemd, 'run.sh': run };

/** Makes a machine fit for its roles: packages, kernel, time. */
export class Prepare extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, props: PrepareProps) {
    super(scope, id);
    const { host, topology } = props;
    this.step = new RemoteStep(this, 'prepare', {
      host,
      provisioner: topology.provisioner,
      files,
      env: { ROLES: host.roles.join(' ') },
      first: true,
    });
  }
}
