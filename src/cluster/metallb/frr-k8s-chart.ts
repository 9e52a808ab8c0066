import type { Construct } from 'constructs';
import type { HelmChartSource } from '../../model/charts';
import type { Metallb } from '../../model/metallb';
import { HelmChart } from '../helm/helm-chart';
import { ManifestChart } from '../manifest-chart';
import { namespace } from './metallb';

export interface FrrK8sChartProps {
  readonly cluster: string;
  readonly source: HelmChartSource;
  /** Where speakers run, FRR has to run too. */
  readonly speaker: Pick<Metallb['speaker'], 'nodeSelector' | 'tolerations'>;
  /** @default - quay.io */
  readonly imageMirror?: string | undefined;
}

/**
 * FRR in separate pods, for MetalLB and others that speak BGP on these nodes. In MetalLB's namespace: only
 * there do speakers pass on the name of a peer's Secret; into another one they write the password itself, as
 * plain text.
 */
export class FrrK8sChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, source, speaker, imageMirror }: FrrK8sChartProps) {
    super(scope, id, { application: { name: 'frr-k8s', version: source.version }, cluster });
    const { nodeSelector, tolerations } = speaker;
    const frrk8s = {
      ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
      ...(tolerations.length > 0 && { tolerations }),
      ...(imageMirror !== undefined && mirrored(imageMirror)),
    };
    new HelmChart(this, 'frr-k8s', {
      source,
      targetNamespace: namespace,
      values: Object.keys(frrk8s).length > 0 ? { frrk8s } : {},
    });
  }
}

function mirrored(mirror: string) {
  return {
    image: { repository: `${mirror}/metallb/frr-k8s` },
    frr: { image: { repository: `${mirror}/frrouting/frr` } },
  };
}
