import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { type Application, objectLabels } from './labels';
import type { PodSecurityLevel } from './pod-security';

export interface NamespaceProps {
  readonly name: string;
  /** What Kubernetes lets the pods of the namespace do. */
  readonly podSecurity: PodSecurityLevel;
  /**
   * TCP ports of its pods that may be reached from outside of their node, by number or by the name that containers give them.
   * A NetworkPolicy closes all others. Pods in the network of their host are no policy's.
   * @default - no policy: all ports are open
   */
  readonly openPorts?: readonly (number | string)[];
}

export interface ManifestChartProps {
  readonly application: Application;
  /** Name of the cluster. */
  readonly cluster: string;
  /**
   * Namespace to make for the objects, which name it themselves.
   * @default - none is made
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
