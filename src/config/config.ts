import type * as z from 'zod';
import type { cluster } from './schema/cluster';
import type { disk, host, role } from './schema/host';
import type { metallb } from './schema/metallb';
import type { bastion } from './schema/ssh';

/** cluster.yaml after decoding, with the defaults of the schema filled in. */
export type Config = z.output<typeof cluster>;
export type HostConfig = z.output<typeof host>;
export type DiskConfig = z.output<typeof disk>;
export type BastionConfig = z.output<typeof bastion>;
export type MetallbConfig = z.output<typeof metallb>;
export type Role = z.output<typeof role>;
