import type { Config } from '../config/config';
import type { GivenObject } from '../config/objects/given-object';

/** Volumes for claims: the NFS export and how its directories are provided. */
export interface Storage {
  /** Address or name that the nodes mount from. */
  readonly server: string;
  readonly path: string;
  readonly provisioner: Config['nfs']['provisioner'];
  readonly storageClass: string;
  readonly default: boolean;
  readonly reclaimPolicy: Config['nfs']['reclaimPolicy'];
  readonly archiveOnDelete: boolean;
  readonly mountOptions: readonly string[];
}

/** Undefined when there is no NFS server, neither on a host nor elsewhere. */
export function storage(
  config: Config['nfs'],
  nfs: Pick<Storage, 'server' | 'path'> | undefined,
): Storage | undefined {
  const source = config.external ?? nfs;
  if (!source) return undefined;
  const { provisioner, storageClass, reclaimPolicy, archiveOnDelete, mountOptions } = config;
  return {
    server: source.server,
    path: source.path,
    provisioner,
    storageClass,
    default: config.default,
    reclaimPolicy,
    archiveOnDelete,
    mountOptions,
  };
}

/** Whether an object of the user's own is a class for claims that name none, of another provisioner than k3s's. */
export function isDefaultClass({ manifest: { kind, metadata, provisioner } }: GivenObject): boolean {
  const annotation = metadata.annotations?.['storageclass.kubernetes.io/is-default-class'];
  return kind === 'StorageClass' && annotation === 'true' && provisioner !== 'rancher.io/local-path';
}
