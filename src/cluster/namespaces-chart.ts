import { KubeNamespace } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Construct } from 'constructs';
import { ManifestChart, type NamespaceProps } from './manifest-chart';

export interface NamespacesChartProps {
  readonly cluster: string;
  readonly namespaces: readonly NamespaceProps[];
}

/** The namespaces of all charts, in a file of their own that is applied first. */
export class NamespacesChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, namespaces }: NamespacesChartProps) {
    super(scope, id, { application: { name: 'namespaces' }, cluster });
    for (const { name, podSecurity } of namespaces) {
      new KubeNamespace(this, name, {
        metadata: {
          name,
          labels: Object.fromEntries(
            ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity]),
          ),
        },
      });
    }
  }
}
