import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import type { ArtifactFolder } from '../../model/artifacts';
import type { Host, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import run from './k3s-charts.sh';

export interface K3sChartsProps {
  readonly host: Host;
  readonly provisioner: Topology['provisioner'];
  readonly charts: ArtifactFolder;
  /** The machine is prepared. */
  readonly dependsOn: readonly RemoteStep[];
}

const files = stepScripts({ 'run.sh': run });

/** Air gap: the archives of Helm charts, which every server serves to k3s's Helm jobs. */
export class K3sCharts extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, props: K3sChartsProps) {
    super(scope, id);
    const { host, provisioner, charts, dependsOn } = props;
    this.step = new RemoteStep(this, 'k3s-charts', {
      host,
      provisioner,
      files,
      env: { ARCHIVES: charts.hashed.join(' ') },
      upload: charts,
      dependsOn,
    });
  }
}
