import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Addons } from '../../model/addons';
import { helmNamespace, override, type Values } from '../helm/helm-chart';
import { ManifestChart } from '../manifest-chart';
import { toYaml } from '../yaml';

export interface TraefikChartProps {
  readonly cluster: string;
  readonly traefik: NonNullable<Addons['traefik']>;
  /** Class of the services that MetalLB handles. @default - those without a class */
  readonly loadBalancerClass?: string | undefined;
}

/** Settings for the Traefik that comes with k3s, which merges them into its own chart. Empty without settings. */
export class TraefikChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, traefik, loadBalancerClass }: TraefikChartProps) {
    super(scope, id, { application: { name: 'traefik' }, cluster });
    const { pool, addresses, values } = traefik;
    const annotations = {
      ...(pool !== undefined && { 'metallb.io/address-pool': pool }),
      ...(addresses && { 'metallb.io/loadBalancerIPs': addresses.join(',') }),
    };
    const service: Values = {
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ...(loadBalancerClass !== undefined && { spec: { loadBalancerClass } }),
    };
    const merged = override(Object.keys(service).length > 0 ? { service } : {}, values);
    if (Object.keys(merged).length === 0) return;
    new ApiObject(this, 'config', {
      apiVersion: 'helm.cattle.io/v1',
      kind: 'HelmChartConfig',
      // The name of the chart that it configures.
      metadata: { name: 'traefik', namespace: helmNamespace },
      spec: { valuesContent: toYaml(merged) },
    });
  }
}
