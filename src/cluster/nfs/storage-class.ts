import { KubeStorageClass } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import type { Storage } from '../../model/storage';

export interface StorageClassProps {
  readonly storage: Storage;
  /** Name that the provisioner watches for. */
  readonly provisioner: string;
  readonly parameters: Record<string, string>;
}

/** The class that claims name, or get by default. */
export class StorageClass extends Construct {
  constructor(scope: Construct, id: string, { storage, provisioner, parameters }: StorageClassProps) {
    super(scope, id);
    new KubeStorageClass(this, 'class', {
      metadata: {
        name: storage.storageClass,
        annotations: { 'storageclass.kubernetes.io/is-default-class': String(storage.default) },
      },
      provisioner,
      parameters,
      reclaimPolicy: storage.reclaimPolicy,
      volumeBindingMode: 'Immediate',
      // NFS does not enforce sizes; a larger claim is just a larger number.
      allowVolumeExpansion: true,
      mountOptions: [...storage.mountOptions],
    });
  }
}
