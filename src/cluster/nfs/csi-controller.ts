import { KubeDeployment } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import type { Images } from '../../model/images';
import { fromField } from '../environment';
import { podLabels } from '../labels';
import type { Account } from '../rbac';
import { driver, electedArgs, kubeletPods, livenessProbe, sidecar } from './csi-containers';
import { namespace } from './provisioner';

export interface CsiControllerProps {
  readonly images: Images;
  readonly account: Account;
}

const healthPort = 29652;

/**
 * Any user may write to a new directory, as with the subdir provisioner. Set only for the controller, not as
 * a parameter of the StorageClass: the node's driver would reset at every mount a mode that a pod has
 * changed, and a class cannot change.
 * The flag is read as a number, octal with its zero.
 */
const openDirectories = '--mount-permissions=0777';

/** Makes, grows and removes volumes. */
export class CsiController extends Construct {
  constructor(scope: Construct, id: string, { images, account }: CsiControllerProps) {
    super(scope, id);
    const labels = podLabels('csi-driver-nfs', 'controller');
    const env = [fromField('POD_NAMESPACE', 'metadata.namespace')];
    new KubeDeployment(this, 'deployment', {
      metadata: { name: 'csi-nfs-controller', namespace, labels },
      spec: {
        replicas: 1,
        // Two would need the same port of the host.
        strategy: { type: 'Recreate' },
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: account.name,
            priorityClassName: 'system-cluster-critical',
            // It mounts the export to make directories in it.
            hostNetwork: true,
            dnsPolicy: 'ClusterFirstWithHostNet',
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [
              { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
              { key: 'CriticalAddonsOnly', operator: 'Exists' },
            ],
            securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              sidecar(
                {
                  name: 'csi-provisioner',
                  image: images.csiProvisioner,
                  args: [
                    ...electedArgs,
                    '--extra-create-metadata=true',
                    '--feature-gates=VolumeAttributesClass=false',
                    '--timeout=1200s',
                    '--retry-interval-max=30m',
                  ],
                  env,
                },
                '400Mi',
              ),
              sidecar(
                {
                  name: 'csi-resizer',
                  image: images.csiResizer,
                  args: [
                    ...electedArgs,
                    '--handle-volume-inuse-error=false',
                    '--feature-gates=VolumeAttributesClass=false',
                  ],
                  env,
                },
                '400Mi',
              ),
              livenessProbe(images, healthPort),
              driver(images, healthPort, '200Mi', [openDirectories]),
            ],
            volumes: [
              { name: 'pods-mount-dir', hostPath: { path: kubeletPods, type: 'Directory' } },
              { name: 'socket-dir', emptyDir: {} },
            ],
          },
        },
      },
    });
  }
}
