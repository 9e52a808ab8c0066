import { loadAll } from 'js-yaml';

/** A Kubernetes object, by name. */
export interface ObjectName {
  readonly kind: string;
  /** Undefined for objects without a namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/** The objects in the texts of manifests, in their order. */
export function objectsOf(texts: Iterable<string>): ObjectName[] {
  return [...texts].flatMap((text) =>
    (loadAll(text) as (RawObject | null)[]).flatMap((object) => {
      if (!object?.kind || object.metadata?.name === undefined) return [];
      const { namespace, name } = object.metadata;
      return [{ kind: object.kind, name, ...(namespace !== undefined && { namespace }) }];
    }),
  );
}

interface RawObject {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** `Deployment metallb-system/controller`. */
export function objectText({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
