import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../src/config/objects/manifest';
import type { FileTree } from '../../src/output/file-tree';

/** All objects in the order in which kubectl applies them: by file name, then by place in the file. */
export function manifestsOf(files: FileTree): Manifest[] {
  return [...files.keys()].sort().flatMap((name) => documentsOf(files.get(name) ?? ''));
}

export function documentsOf(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS());
}

/** `Deployment/controller` */
export function idOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.name}`;
}

/** The one object of that id; a clear failure when there is none. */
export function byId(manifests: readonly Manifest[], id: string): Manifest {
  const found = manifests.filter((manifest) => idOf(manifest) === id);
  const [manifest] = found;
  if (!manifest || found.length > 1) {
    throw new Error(`${found.length} objects are ${id}; there are: ${manifests.map(idOf).join(', ')}`);
  }
  return manifest;
}

/** A pod's spec, as far as the tests look at it. */
export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly hostNetwork?: boolean;
  readonly priorityClassName?: string;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** The pod of a workload; undefined for other kinds. */
export function podOf(manifest: Manifest): PodSpec | undefined {
  const { spec } = manifest as { spec?: { template?: { spec?: PodSpec } } };
  return spec?.template?.spec;
}
