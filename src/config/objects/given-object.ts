import type { Place } from '../place';

/** A Kubernetes object from the user, in `manifests` of cluster.yaml or in a file that it refers to. */
export interface GivenObject {
  readonly manifest: GivenManifest;
  readonly place: Place;
}

/** What every object has. The rest is as it was written. */
export interface GivenManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** `apps` of `apps/v1`; empty for the core of Kubernetes. */
export function groupOf({ apiVersion }: Pick<GivenManifest, 'apiVersion'>): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
