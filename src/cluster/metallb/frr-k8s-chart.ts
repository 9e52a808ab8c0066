import type { Construct } from 'constructs';
import type { HelmChartSource } from '../../model/charts';
import { HelmChart } from '../helm/helm-chart';
import { ManifestChart } from '../manifest-chart';
import { frrK8sNamespace } from './frr-k8s';

export interface FrrK8sChartProps {
  readonly cluster: string;
  readonly source: HelmChartSource;
  /** @default - quay.io */
  readonly imageMirror?: string | undefined;
}

/** FRR in pods of its own, for MetalLB and whoever else wants to speak BGP on these nodes. */
export class FrrK8sChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, source, imageMirror }: FrrK8sChartProps) {
    super(scope, id, {
      application: { name: 'frr-k8s', version: source.version },
      cluster,
      // FRR changes routes of its host.
      namespace: { name: frrK8sNamespace, podSecurity: 'privileged' },
    });
    new HelmChart(this, 'frr-k8s', {
      source,
      targetNamespace: frrK8sNamespace,
      values: imageMirror === undefined ? {} : { frrk8s: mirrored(imageMirror) },
    });
  }
}

function mirrored(mirror: string) {
  return {
    image: { repository: `${mirror}/metallb/frr-k8s` },
    frr: { image: { repository: `${mirror}/frrouting/frr` } },
  };
}
