import { KubeDaemonSet } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import type { Images } from '../../model/images';
import { fromField } from '../environment';
import { podLabels } from '../labels';
import type { Account } from '../rbac';
import { driver, kubeletPods, livenessProbe, sidecar } from './csi-containers';
import { namespace } from './provisioner';

export interface CsiNodeProps {
  readonly images: Images;
  readonly account: Account;
}

const healthPort = 29653;
const plugin = '/var/lib/kubelet/plugins/csi-nfsplugin';

/** Mounts volumes on every node. */
export class CsiNode extends Construct {
  constructor(scope: Construct, id: string, { images, account }: CsiNodeProps) {
    super(scope, id);
    const labels = podLabels('csi-driver-nfs', 'node');
    new KubeDaemonSet(this, 'daemon-set', {
      metadata: { name: 'csi-nfs-node', namespace, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: account.name,
            priorityClassName: 'system-node-critical',
            // Mounts would not survive the network of the pod.
            hostNetwork: true,
            dnsPolicy: 'ClusterFirstWithHostNet',
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [{ operator: 'Exists' }],
            securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              livenessProbe(images, healthPort),
              sidecar(
                {
                  name: 'node-driver-registrar',
                  image: images.csiNodeDriverRegistrar,
                  args: [
                    '--v=2',
                    '--csi-address=/csi/csi.sock',
                    `--kubelet-registration-path=${plugin}/csi.sock`,
                  ],
                  env: [fromField('KUBE_NODE_NAME', 'spec.nodeName')],
                  volumeMounts: [{ name: 'registration-dir', mountPath: '/registration' }],
                },
                '100Mi',
              ),
              driver(images, healthPort, '300Mi'),
            ],
            volumes: [
              { name: 'socket-dir', hostPath: { path: plugin, type: 'DirectoryOrCreate' } },
              { name: 'pods-mount-dir', hostPath: { path: kubeletPods, type: 'Directory' } },
              {
                name: 'registration-dir',
                hostPath: { path: '/var/lib/kubelet/plugins_registry', type: 'Directory' },
              },
            ],
          },
        },
      },
    });
  }
}
