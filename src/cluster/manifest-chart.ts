import { type ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Manifest } from '../config/objects/manifest';
import { placed } from './kinds';
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
   * Namespace to create, of all objects that do not name another.
   * @default - none is created; objects that name none are in `default`
   */
  readonly namespace?: NamespaceProps;
}

/**
 * One file of the manifests: `dist/<id>.k8s.yaml`. kubectl applies files by name and objects in the order in which
 * they were constructed. Constructs that name their objects by their ID, as those of cdk8s-plus-28 do, get that name
 * and no more: `new Deployment(chart, 'web')` makes the Deployment `web`.
 */
export class ManifestChart extends Chart {
  readonly namespaceProps: NamespaceProps | undefined;

  constructor(scope: Construct, id: string, { application, cluster, namespace }: ManifestChartProps) {
    super(scope, id, {
      labels: objectLabels(application, cluster),
      ...(namespace && { namespace: namespace.name }),
      disableResourceNameHashes: true,
    });
    this.namespaceProps = namespace;
  }

  /** Without the namespace where there is none: cdk8s gives it to every object. */
  override toJson(): Manifest[] {
    return (super.toJson() as Manifest[]).map((manifest) => placed(manifest, []));
  }

  /** By its place in the chart, whose own ID is the name of a file. */
  override generateObjectName({ node, kind }: ApiObject): string {
    const ids = node.scopes.slice(this.node.scopes.length).map(({ node: { id } }) => id.toLowerCase());
    return (
      ids
        .filter((id, index) => !unnamed.has(id) && id !== ids[index - 1])
        .map((id) => id.replace(/[^a-z0-9]+/g, '-'))
        .join('-')
        // What comes last says most.
        .slice(kind === 'CronJob' ? -52 : -63)
        .replace(/^-+|-+$/g, '')
    );
  }
}

/** IDs of constructs that are the only one of their parent. */
const unnamed: ReadonlySet<string> = new Set(['default', 'resource']);
