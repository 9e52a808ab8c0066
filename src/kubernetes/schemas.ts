import { quote } from '../config/quote';
import { didYouMean } from '../config/suggest';
import { checkShape, type SchemaFinding } from './check-shape';
import customText from './custom.schema.txt';
import { Definitions } from './definitions';
import { type JsonSchema, kindOf } from './json-schema';
import kubernetesText from './kubernetes.schema.txt';
import type { Shape } from './shape';

export type { SchemaFinding } from './check-shape';

/** Minor releases of Kubernetes whose schemas are here: 1.32 to 1.37. `npm run schemas` writes them. */
export const oldestMinor = 32;
export const newestMinor = 37;

/** What the API server of one k3s takes, as far as schemas say it. Offline; what it needs is read on first use. */
export class KubernetesSchemas {
  /** Of Kubernetes whose schemas are used: `1.36`, the nearest to the one asked for. */
  readonly release: string;
  /** False when k3s is older or newer than the schemas here: fields may have come or gone. */
  readonly exact: boolean;
  private readonly builtIn: Definitions;
  private readonly custom: Definitions;
  private readonly own = new Map<string, Shape>();

  /**
   * @param k3sVersion `v1.36.2+k3s1`
   * @param crds CustomResourceDefinitions beside those that are known here: MetalLB's, FRR-K8s', cert-manager's,
   *   Traefik's, system-upgrade's and those of k3s itself. Theirs win.
   */
  constructor(k3sVersion: string, crds: readonly unknown[] = []) {
    const minor = Number(/^v?1\.(\d+)/.exec(k3sVersion)?.[1] ?? newestMinor);
    const nearest = Math.min(Math.max(minor, oldestMinor), newestMinor);
    this.release = `1.${nearest}`;
    this.exact = minor === nearest;
    this.builtIn = new Definitions(kubernetesText, nearest);
    this.custom = new Definitions(customText, nearest);
    for (const crd of crds) this.addDefinition(crd);
  }

  /** Whether objects of this kind can be checked. */
  knows(apiVersion: string, kind: string): boolean {
    return this.shapeOf(`${apiVersion}/${kind}`) !== undefined;
  }

  /**
   * Every way in which an object is not what the API server takes: unknown and missing fields, types, words. For a kind
   * from an unknown group there are no findings. The server checks patterns, lengths and rules across fields.
   */
  check(manifest: unknown): SchemaFinding[] {
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest))
      return [{ code: 'wrong-type', path: [], message: 'a Kubernetes object has to be a map' }];
    const { apiVersion, kind } = manifest as { apiVersion?: unknown; kind?: unknown };
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
      const absent = typeof apiVersion === 'string' ? 'kind' : 'apiVersion';
      return [{ code: 'missing-field', path: [], message: `${quote(absent)} is missing` }];
    }
    const name = `${apiVersion}/${kind}`;
    const shape = this.shapeOf(name);
    if (!shape) return this.unknownKind(apiVersion, kind);
    const emptyIsNothing = this.builtIn.shapeOf(name) === shape;
    const context = { shapeOf: (other: string) => this.shapeOf(other), emptyIsNothing };
    return [...checkShape(manifest, shape, [], context), ...nameless(manifest)];
  }

  private shapeOf(name: string): Shape | undefined {
    return this.own.get(name) ?? this.builtIn.shapeOf(name) ?? this.custom.shapeOf(name);
  }

  private addDefinition(crd: unknown): void {
    const { spec } = crd as { spec?: CrdSpec };
    for (const { name, schema } of spec?.versions ?? []) {
      const described = schema?.openAPIV3Schema;
      if (described) this.own.set(`${spec?.group}/${name}/${spec?.names?.kind}`, kindOf(described));
    }
  }

  /** A kind that is not here. Groups of others may have kinds, and versions, that nobody here has heard of. */
  private unknownKind(apiVersion: string, kind: string): SchemaFinding[] {
    const code = 'unknown-kind';
    const known = [...this.own.keys(), ...this.builtIn.names, ...this.custom.names].flatMap(kindNamed);
    const kinds = known.filter((other) => other.apiVersion === apiVersion).map((other) => other.kind);
    const elsewhere = known.find((other) => other.kind === kind)?.apiVersion;
    const group = groupOf(apiVersion);
    const isBuiltIn =
      !group.includes('.') || [...this.builtIn.names].some((name) => name.startsWith(`${group}/`));
    if (kinds.length > 0) {
      const meant = elsewhere === undefined ? didYouMean(kind, kinds) : { hint: `it is in ${elsewhere}` };
      if (!isBuiltIn && !meant.hint) return [];
      return [{ code, path: ['kind'], message: `${apiVersion} has no kind ${quote(kind)}`, ...meant }];
    }
    if (!isBuiltIn) return [];
    const meant =
      elsewhere === undefined
        ? didYouMean(apiVersion, [...new Set(known.map((other) => other.apiVersion))])
        : { hint: `${kind} is in ${elsewhere}` };
    const message = `Kubernetes ${this.release} has no ${quote(apiVersion)}`;
    return [{ code, path: ['apiVersion'], message, ...meant }];
  }
}

/** Of `apps/v1/Deployment`; nothing of names of other definitions. */
function kindNamed(name: string): { readonly apiVersion: string; readonly kind: string }[] {
  const end = name.lastIndexOf('/');
  return end < 0 ? [] : [{ apiVersion: name.slice(0, end), kind: name.slice(end + 1) }];
}

/** Kubernetes' own have no dot, or one that CRDs may not have; the oldest has no name. */
function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(apiVersion.indexOf('/'), 0));
}

function nameless(manifest: object): SchemaFinding[] {
  const { metadata } = manifest as { readonly metadata?: unknown };
  if (typeof metadata !== 'object' || metadata === null) return [];
  const { name, generateName } = metadata as { readonly name?: unknown; readonly generateName?: unknown };
  if (name !== undefined || generateName !== undefined) return [];
  return [{ code: 'missing-field', path: ['metadata'], message: `${quote('name')} is missing` }];
}

interface CrdSpec {
  readonly group?: string;
  readonly names?: { readonly kind?: string };
  readonly versions?: readonly {
    readonly name: string;
    readonly schema?: { openAPIV3Schema?: JsonSchema };
  }[];
}
