import type { Construct } from 'constructs';
import type { Images } from '../../model/images';
import type { Storage } from '../../model/storage';
import type { Application } from '../labels';
import type { PodSecurityLevel } from '../pod-security';

export interface ProvisionerProps {
  readonly storage: Storage;
  readonly images: Images;
}

/** Turns claims into directories of an NFS export. */
export interface Provisioner {
  readonly application: Application;
  /** What its pods need. */
  readonly podSecurity: PodSecurityLevel;
  /** Creates it, with its StorageClass. */
  build(scope: Construct, props: ProvisionerProps): void;
}

/** Namespace of every provisioner. */
export const namespace = 'nfs-storage';
