import type * as z from 'zod';
import type { GivenObject } from './objects/given-object';
import type { cluster } from './schema/cluster';
import type { disk, host, role } from './schema/host';
import type { metallb } from './schema/metallb';
import type { bastion } from './schema/ssh';

/** cluster.yaml after decoding, with the defaults of the schema filled in. */
export type ClusterFile = z.output<typeof cluster>;

/** The same, with what the files that it names hold. */
export interface Config extends ClusterFile {
  /** Objects of `manifests`, in their order. */
  readonly objects: readonly GivenObject[];
  /** Scripts and other files of `steps`, by the paths that they are named by; each ends with a newline. */
  readonly stepTexts: Readonly<Record<string, string>>;
}

export type HostConfig = z.output<typeof host>;
export type DiskConfig = z.output<typeof disk>;
export type BastionConfig = z.output<typeof bastion>;
export type MetallbConfig = z.output<typeof metallb>;
export type Role = z.output<typeof role>;
