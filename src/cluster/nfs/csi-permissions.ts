import { Construct } from 'constructs';
import { type Account, Grant, read, rule } from '../rbac';
import { namespace } from './provisioner';

/** What the controller of csi-driver-nfs may do; the rules of its release, without those for snapshots. */
export class CsiPermissions extends Construct {
  constructor(scope: Construct, id: string, controller: Account) {
    super(scope, id);
    new Grant(this, 'provisioner', {
      name: 'csi-nfs-provisioner',
      rules: [
        rule('', ['persistentvolumes'], [...read, 'create', 'patch', 'delete']),
        rule('', ['persistentvolumeclaims'], [...read, 'update']),
        rule('', ['nodes'], read),
        rule('', ['events'], [...read, 'create', 'update', 'patch']),
        rule('storage.k8s.io', ['storageclasses', 'csinodes'], read),
        // A StorageClass may name a Secret with mount options.
        rule('', ['secrets'], ['get']),
      ],
      to: [controller],
    });
    new Grant(this, 'resizer', {
      name: 'csi-nfs-resizer',
      rules: [
        rule('', ['persistentvolumes'], [...read, 'update', 'patch']),
        rule('', ['persistentvolumeclaims'], read),
        rule('', ['persistentvolumeclaims/status'], ['update', 'patch']),
      ],
      to: [controller],
    });
    new Grant(this, 'leader-election', {
      name: 'csi-nfs-leader-election',
      namespace,
      rules: [rule('coordination.k8s.io', ['leases'], [...read, 'create', 'update', 'patch'])],
      to: [controller],
    });
  }
}
