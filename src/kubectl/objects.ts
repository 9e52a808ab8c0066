import { loadAll } from 'js-yaml';

/** A Kubernetes object, by name. */
export interface ObjectName {
  readonly kind: string;
  /** Undefined for objects without a namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/** The objects in the texts of manifests, in their order; those of a `List` each. */
export function objectsOf(texts: Iterable<string>): ObjectName[] {
  return [...texts].flatMap((text) => (loadAll(text) as (RawObject | null)[]).flatMap(namesIn));
}

function namesIn(object: RawObject | null): ObjectName[] {
  if (typeof object?.kind !== 'string') return [];
  if (object.kind.endsWith('List') && Array.isArray(object.items)) return object.items.flatMap(namesIn);
  if (object.metadata?.name === undefined) return [];
  const { namespace, name } = object.metadata;
  return [{ kind: object.kind, name, ...(namespace !== undefined && { namespace }) }];
}

interface RawObject {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly items?: readonly (RawObject | null)[];
}

/** The same for one that names no namespace and is in `default`, as kubectl takes it. */
export function objectKey({ kind, namespace = 'default', name }: ObjectName): string {
  return objectText({ kind, namespace, name });
}

/** `Deployment metallb-system/controller`. */
export function objectText({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
