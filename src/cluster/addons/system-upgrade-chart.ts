import { type EnvVar, KubeDeployment } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Construct } from 'constructs';
import type { Images } from '../../model/images';
import { fromField } from '../environment';
import { podLabels } from '../labels';
import { ManifestChart } from '../manifest-chart';
import { restrictedContainer, restrictedPod } from '../pod-security';
import { Account } from '../rbac';
import { resources } from '../resources';
import { grantSystemUpgrade } from './system-upgrade-permissions';

export interface SystemUpgradeChartProps {
  readonly cluster: string;
  readonly images: Images;
}

const name = 'system-upgrade-controller';
const namespace = 'system-upgrade';

/** Runs the maintenance that Plans describe, node by node. Users write the Plans. */
export class SystemUpgradeChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, images }: SystemUpgradeChartProps) {
    // Jobs of plans work on their host.
    super(scope, id, {
      application: { name, version: '0.20.1' },
      cluster,
      namespace: { name: namespace, podSecurity: 'privileged', openPorts: [] },
    });
    const account = new Account(this, 'account', { name: 'system-upgrade', namespace });
    grantSystemUpgrade(this, account);
    // The last one keeps its own jobs from draining the controller.
    const labels = { ...podLabels(name, 'controller'), 'upgrade.cattle.io/controller': name };
    new KubeDeployment(this, 'deployment', {
      metadata: { name, namespace, labels },
      spec: {
        strategy: { type: 'Recreate' },
        revisionHistoryLimit: 3,
        selector: { matchLabels: { 'upgrade.cattle.io/controller': name } },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: account.name,
            priorityClassName: 'system-cluster-critical',
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [
                    {
                      matchExpressions: [
                        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' },
                      ],
                    },
                  ],
                },
              },
            },
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [
              { key: 'CriticalAddonsOnly', operator: 'Exists' },
              { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
            ],
            securityContext: restrictedPod,
            containers: [
              {
                name,
                image: images.systemUpgradeController,
                env: environment(images),
                resources: resources('10m', '64Mi'),
                securityContext: restrictedContainer,
                volumeMounts: [
                  ...certificates.map(({ name, path }) => ({ name, mountPath: path, readOnly: true })),
                  { name: 'tmp', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              ...certificates.map(({ name, path }) => ({
                name,
                hostPath: { path, type: 'DirectoryOrCreate' },
              })),
              { name: 'tmp', emptyDir: {} },
            ],
          },
        },
      },
    });
  }
}

/** Plans may ask a channel server for the newest release; the image has no CA certificates to do so. */
const certificates = [
  { name: 'etc-ssl', path: '/etc/ssl' },
  { name: 'etc-pki', path: '/etc/pki' },
  { name: 'etc-ca-certificates', path: '/etc/ca-certificates' },
];

function environment(images: Images): EnvVar[] {
  return [
    { name: 'SYSTEM_UPGRADE_CONTROLLER_DEBUG', value: 'false' },
    { name: 'SYSTEM_UPGRADE_CONTROLLER_THREADS', value: '2' },
    // One pod that is stopped before the next starts.
    { name: 'SYSTEM_UPGRADE_CONTROLLER_LEADER_ELECT', value: 'false' },
    { name: 'SYSTEM_UPGRADE_JOB_ACTIVE_DEADLINE_SECONDS', value: '900' },
    { name: 'SYSTEM_UPGRADE_JOB_BACKOFF_LIMIT', value: '99' },
    // Images are pinned, so an existing one is the right one.
    { name: 'SYSTEM_UPGRADE_JOB_IMAGE_PULL_POLICY', value: 'IfNotPresent' },
    { name: 'SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE', value: images.systemUpgradeKubectl },
    { name: 'SYSTEM_UPGRADE_JOB_PRIVILEGED', value: 'true' },
    { name: 'SYSTEM_UPGRADE_JOB_TTL_SECONDS_AFTER_FINISH', value: '900' },
    { name: 'SYSTEM_UPGRADE_PLAN_POLLING_INTERVAL', value: '15m' },
    fromField('SYSTEM_UPGRADE_CONTROLLER_NAME', "metadata.labels['upgrade.cattle.io/controller']"),
    fromField('SYSTEM_UPGRADE_CONTROLLER_NAMESPACE', 'metadata.namespace'),
    fromField('SYSTEM_UPGRADE_CONTROLLER_NODE_NAME', 'spec.nodeName'),
  ];
}
