import { KubeDeployment } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import { podLabels } from '../labels';
import { restrictedContainer } from '../pod-security';
import { Account, Grant, read, rule } from '../rbac';
import { resources } from '../resources';
import { namespace, type Provisioner, type ProvisionerProps } from './provisioner';
import { StorageClass } from './storage-class';

const name = 'nfs-subdir-provisioner';
const provisionerName = 'k8s-sigs.io/nfs-subdir-external-provisioner';

/** nfs-subdir-external-provisioner: one pod that makes a directory per claim; the kubelet mounts it. */
export const subdirProvisioner: Provisioner = {
  application: { name, version: '4.0.2' },
  // Directories belong to root, so it runs as root; its kind of volume is forbidden by `restricted`.
  podSecurity: 'baseline',
  build: (scope, props) => {
    new SubdirProvisioner(scope, 'provisioner', props);
    const { storage } = props;
    new StorageClass(scope, 'storage-class', {
      storage,
      provisioner: provisionerName,
      parameters: { archiveOnDelete: String(storage.archiveOnDelete) },
    });
  },
};

class SubdirProvisioner extends Construct {
  constructor(scope: Construct, id: string, { storage, images }: ProvisionerProps) {
    super(scope, id);
    const account = new Account(this, 'account', { name, namespace });
    new Grant(this, 'grant', {
      name,
      rules: [
        rule('', ['nodes'], read),
        rule('', ['persistentvolumes'], [...read, 'create', 'delete']),
        rule('', ['persistentvolumeclaims'], [...read, 'update']),
        rule('storage.k8s.io', ['storageclasses'], read),
        rule('', ['events'], ['create', 'update', 'patch']),
      ],
      to: [account],
    });
    const labels = podLabels(name, 'provisioner');
    new KubeDeployment(this, 'deployment', {
      metadata: { name, namespace, labels },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: account.name,
            priorityClassName: 'system-cluster-critical',
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name: 'provisioner',
                image: images.nfsSubdirProvisioner,
                env: [
                  { name: 'PROVISIONER_NAME', value: provisionerName },
                  { name: 'NFS_SERVER', value: storage.server },
                  { name: 'NFS_PATH', value: storage.path },
                  // One pod, and its operations may run twice: an election would only write every two seconds.
                  { name: 'ENABLE_LEADER_ELECTION', value: 'false' },
                ],
                resources: resources('10m', '32Mi'),
                securityContext: {
                  ...restrictedContainer,
                  runAsUser: 0,
                  // To remove what other users left in directories with the sticky bit.
                  capabilities: { drop: ['ALL'], add: ['DAC_OVERRIDE', 'FOWNER'] },
                },
                volumeMounts: [{ name: 'export', mountPath: '/persistentvolumes' }],
              },
            ],
            volumes: [{ name: 'export', nfs: { server: storage.server, path: storage.path } }],
          },
        },
      },
    });
  }
}
