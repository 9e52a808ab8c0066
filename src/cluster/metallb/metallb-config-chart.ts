import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Metallb } from '../../model/metallb';
import { ManifestChart } from '../manifest-chart';
import { Bgp } from './bgp';
import { L2Advertisements } from './l2';
import { application } from './metallb';
import { Pools } from './pools';

export interface MetallbConfigChartProps {
  readonly cluster: string;
  readonly metallb: Metallb;
}

/** Argo CD applies custom resources and webhooks by name, unless one comes in an earlier wave. */
const beforeWebhook = ['argocd.argoproj.io/sync-wave', '-1'] as const;

/**
 * What MetalLB hands out and announces. Applied before MetalLB itself: on a fresh cluster its webhook answers
 * only after minutes, and these objects would be rejected until then.
 */
export class MetallbConfigChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, metallb }: MetallbConfigChartProps) {
    super(scope, id, { application: { name: application.name }, cluster });
    new Pools(this, 'pools', metallb.pools);
    new L2Advertisements(this, 'l2', metallb.l2Advertisements);
    new Bgp(this, 'bgp', metallb);
    for (const child of this.node.findAll())
      if (ApiObject.isApiObject(child)) child.metadata.addAnnotation(...beforeWebhook);
  }
}
