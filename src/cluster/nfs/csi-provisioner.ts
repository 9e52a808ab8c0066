import { KubeCsiDriver } from 'cdk8s-plus-28/lib/imports/k8s';
import { Account } from '../rbac';
import { CsiController } from './csi-controller';
import { CsiNode } from './csi-node';
import { CsiPermissions } from './csi-permissions';
import { namespace, type Provisioner } from './provisioner';
import { StorageClass } from './storage-class';

const driver = 'nfs.csi.k8s.io';

/** csi-driver-nfs: a controller that makes a directory per claim, and a pod on every node that mounts it. */
export const csiProvisioner: Provisioner = {
  application: { name: 'csi-driver-nfs', version: '4.13.4' },
  // The driver mounts file systems for the kubelet.
  podSecurity: 'privileged',
  build: (scope, { storage, images }) => {
    new KubeCsiDriver(scope, 'driver', {
      metadata: { name: driver },
      spec: { attachRequired: false, volumeLifecycleModes: ['Persistent'], fsGroupPolicy: 'File' },
    });
    const controller = new Account(scope, 'controller-account', { name: 'csi-nfs-controller', namespace });
    const node = new Account(scope, 'node-account', { name: 'csi-nfs-node', namespace });
    new CsiPermissions(scope, 'permissions', controller);
    new CsiController(scope, 'controller', { images, account: controller });
    new CsiNode(scope, 'node', { images, account: node });
    new StorageClass(scope, 'storage-class', {
      storage,
      provisioner: driver,
      parameters: {
        server: storage.server,
        share: storage.path,
        onDelete: storage.archiveOnDelete ? 'archive' : 'delete',
      },
    });
  },
};
