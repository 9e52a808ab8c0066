import {
  IntOrString,
  KubeDeployment,
  KubeIngress,
  KubePersistentVolumeClaim,
  KubePodDisruptionBudget,
  KubeService,
  Quantity,
} from 'cdk8s-plus-28/lib/imports/k8s';
import type { Construct } from 'constructs';
import { podLabels } from '../cluster/labels';
import { ManifestChart } from '../cluster/manifest-chart';
import { restrictedContainer, restrictedPod } from '../cluster/pod-security';
import { resources } from '../cluster/resources';
import type { Topology } from '../model/topology';
import { UserError } from '../user-error';

export interface ExampleChartProps {
  readonly topology: Topology;
  /** Host name under which the ingress serves it. */
  readonly host: string;
  /**
   * MetalLB pool of its own address.
   * @default - whichever pool assigns by itself
   */
  readonly pool?: string;
}

const name = 'example';
const namespace = 'example';
const labels = podLabels(name, 'web');

/** A web server as an example of a chart: files on NFS, its own address, a host name in the ingress. */
export class ExampleChart extends ManifestChart {
  constructor(scope: Construct, id: string, { topology, host, pool }: ExampleChartProps) {
    super(scope, id, {
      application: { name, version: '1.29.3' },
      cluster: topology.name,
      namespace: { name: namespace, podSecurity: 'restricted', openPorts: ['http'] },
    });
    if (!topology.storage) throw new UserError('the example needs a StorageClass: give a host the role nfs');
    this.files(topology.storage.storageClass);
    this.webServer();
    this.addresses(host, pool);
  }

  private files(storageClassName: string): void {
    new KubePersistentVolumeClaim(this, 'files', {
      metadata: { name: 'files', namespace },
      spec: {
        storageClassName,
        // NFS: all replicas share the files.
        accessModes: ['ReadWriteMany'],
        resources: { requests: { storage: Quantity.fromString('1Gi') } },
      },
    });
  }

  private webServer(): void {
    new KubeDeployment(this, 'deployment', {
      metadata: { name, namespace, labels },
      spec: {
        replicas: 2,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            // The image's user.
            securityContext: { ...restrictedPod, runAsUser: 101, runAsGroup: 101, fsGroup: 101 },
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: labels },
              },
            ],
            containers: [
              {
                name: 'web',
                image: 'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine',
                ports: [{ name: 'http', containerPort: 8080 }],
                readinessProbe: { tcpSocket: { port: IntOrString.fromString('http') } },
                livenessProbe: { tcpSocket: { port: IntOrString.fromString('http') }, periodSeconds: 20 },
                resources: resources('10m', '16Mi', '128Mi'),
                securityContext: restrictedContainer,
                volumeMounts: [
                  { name: 'files', mountPath: '/usr/share/nginx/html', readOnly: true },
                  { name: 'tmp', mountPath: '/tmp' },
                ],
              },
            ],
            volumes: [
              { name: 'files', persistentVolumeClaim: { claimName: 'files' } },
              { name: 'tmp', emptyDir: {} },
            ],
          },
        },
      },
    });
    new KubePodDisruptionBudget(this, 'disruption-budget', {
      metadata: { name, namespace },
      spec: { minAvailable: IntOrString.fromNumber(1), selector: { matchLabels: labels } },
    });
  }

  private addresses(host: string, pool: string | undefined): void {
    new KubeService(this, 'service', {
      metadata: {
        name,
        namespace,
        ...(pool !== undefined && { annotations: { 'metallb.io/address-pool': pool } }),
      },
      spec: {
        type: 'LoadBalancer',
        ipFamilyPolicy: 'PreferDualStack',
        selector: labels,
        ports: [{ name: 'http', port: 80, targetPort: IntOrString.fromString('http') }],
      },
    });
    new KubeIngress(this, 'ingress', {
      metadata: { name, namespace },
      spec: {
        ingressClassName: 'traefik',
        rules: [
          {
            host,
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend: { service: { name, port: { name: 'http' } } } },
              ],
            },
          },
        ],
      },
    });
  }
}
