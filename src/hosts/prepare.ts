import { Construct } from 'constructs';
import type { Host, Topology } from '../model/topology';
import { RemoteStep } from './remote-step';
import lib from './scripts/lib.sh';
import run from './scripts/prepare.sh';

export interface PrepareProps {
  readonly host: Host;
  readonly topology: Topology;
}

const files = { 'lib.sh': lib, 'run.sh': run };

/** Makes a machine fit for its roles: packages, kernel, time, disks, firewall. */
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
