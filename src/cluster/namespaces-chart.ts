import { IntOrString, KubeNamespace, KubeNetworkPolicy } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Construct } from 'constructs';
import { ManifestChart, type NamespaceProps } from './manifest-chart';

export interface NamespacesChartProps {
  readonly cluster: string;
  readonly namespaces: readonly NamespaceProps[];
}

/** The namespaces of all charts and who may reach their pods, in a separate file that is applied first. */
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
    for (const { name, openPorts } of namespaces) if (openPorts) this.close(name, openPorts);
  }

  private close(namespace: string, openPorts: readonly (number | string)[]): void {
    new KubeNetworkPolicy(this, `${namespace}-ingress`, {
      metadata: { name: 'ingress', namespace },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        // From anywhere: the API server calls webhooks from the address of its node.
        ...(openPorts.length > 0 && {
          ingress: [{ ports: openPorts.map((port) => ({ protocol: 'TCP', port: intOrString(port) })) }],
        }),
      },
    });
  }
}

function intOrString(port: number | string): IntOrString {
  return typeof port === 'number' ? IntOrString.fromNumber(port) : IntOrString.fromString(port);
}
