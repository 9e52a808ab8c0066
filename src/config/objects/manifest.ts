/** A Kubernetes object as kubectl reads it: what every one has. The rest is as it was written. */
export interface Manifest {
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
export function groupOf({ apiVersion }: Pick<Manifest, 'apiVersion'>): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** What distinguishes an object from all others in a cluster. */
export function identityOf(manifest: Manifest): string {
  const { kind, metadata } = manifest;
  return JSON.stringify([groupOf(manifest), kind, metadata.namespace ?? '', metadata.name]);
}
