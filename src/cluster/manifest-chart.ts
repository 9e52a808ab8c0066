import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { type Application, objectLabels } from './labels';
import type { PodSecurityLevel } from './pod-security';

export interface NamespaceProps {
  readonly name: string;
  /** The pod security level of the namespace. */
  readonly podSecurity: PodSecurityLevel;
  /**
   * TCP ports of its pods that may be reached from outside their node, by number or by their name in the
   * container. A NetworkPolicy closes all others. Policies do not apply to pods on their host's network.
   * @default - no policy: all ports are open
   */
  readonly openPorts?: readonly (number | string)[];
}

export interface ManifestChartProps {
  readonly application: Application;
  /** Name of the cluster. */
  readonly cluster: string;
  /**
   * Namespace to create for the objects, which name it themselves. @default - none is created
   */
  readonly namespace?: NamespaceProps;
}

/**
 * One file of the manifests: `dist/<id>.k8s.yaml`. kubectl applies files by name and objects in the order in which
 * they were constructed.
 */
export class ManifestChart extends Chart {
  readonly namespaceProps: NamespaceProps | undefined;

  constructor(scope: Construct, id: string, props: ManifestChartProps) {
    super(scope, id, {
      labels: objectLabels(props.application, props.cluster),
      disableResourceNameHashes: true,
    });
    this.namespaceProps = props.namespace;
  }
}
