import { ApiObject, JsonPatch, Size } from 'cdk8s';
import {
  Cpu,
  Deployment,
  ImagePullPolicy,
  Ingress,
  IngressBackend,
  k8s,
  LabelSelector,
  PersistentVolumeAccessMode,
  PersistentVolumeClaim,
  Probe,
  type Service,
  ServiceType,
  Topology as SpreadOver,
  Volume,
} from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { podLabels } from '../cluster/labels';
import { ManifestChart } from '../cluster/manifest-chart';
import { restrictedContext } from '../cluster/pod-security';
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

const port = 8080;
const labels = podLabels('example', 'web');
/** The image's. */
const user = 101;

/**
 * A web server as an example of a chart: files on NFS, its own address, a host name in the ingress. Objects are in the
 * chart's namespace and named by their ID.
 */
export class ExampleChart extends ManifestChart {
  constructor(scope: Construct, id: string, { topology, host, pool }: ExampleChartProps) {
    super(scope, id, {
      application: { name: 'example', version: '1.29.3' },
      cluster: topology.name,
      namespace: { name: 'example', podSecurity: 'restricted', openPorts: ['http'] },
    });
    if (!topology.storage) throw new UserError('the example needs a StorageClass: give a host the role nfs');
    const files = new PersistentVolumeClaim(this, 'files', {
      storageClassName: topology.storage.storageClass,
      // NFS: all replicas share the files.
      accessModes: [PersistentVolumeAccessMode.READ_WRITE_MANY],
      storage: Size.gibibytes(1),
    });
    const service = this.address(this.webServer(files.name), pool);
    new Ingress(this, 'ingress', {
      className: 'traefik',
      rules: [{ host, backend: IngressBackend.fromService(service) }],
    });
  }

  private webServer(claim: string): Deployment {
    const files = PersistentVolumeClaim.fromClaimName(this, 'claim', claim);
    const web = new Deployment(this, 'web', {
      replicas: 2,
      securityContext: { user, group: user, fsGroup: user },
      // Selectors are immutable: labels that say what the pods are, instead of one made of IDs.
      podMetadata: { labels },
      select: false,
      containers: [
        {
          name: 'web',
          image: 'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine',
          // A tag of a release stays as it is, and nodes in an air gap have the image already.
          imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
          ports: [{ name: 'http', number: port }],
          readiness: Probe.fromTcpSocket({ port }),
          liveness: Probe.fromTcpSocket({ port }),
          resources: {
            cpu: { request: Cpu.millis(10) },
            memory: { request: Size.mebibytes(16), limit: Size.mebibytes(128) },
          },
          securityContext: { ...restrictedContext, user, group: user },
          volumeMounts: [
            {
              path: '/usr/share/nginx/html',
              volume: Volume.fromPersistentVolumeClaim(this, 'files-volume', files),
              readOnly: true,
            },
            { path: '/tmp', volume: Volume.fromEmptyDir(this, 'tmp-volume', 'tmp') },
          ],
        },
      ],
    });
    web.select(LabelSelector.of({ labels }));
    // On different nodes, if there are several.
    web.scheduling.spread({ weight: 100, topology: SpreadOver.HOSTNAME });
    // What cdk8s-plus-28 does not have is there as Kubernetes writes it.
    new k8s.KubePodDisruptionBudget(this, 'disruption-budget', {
      spec: { minAvailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: labels } },
    });
    return web;
  }

  private address(web: Deployment, pool: string | undefined): Service {
    const service = web.exposeViaService({
      name: 'web',
      serviceType: ServiceType.LOAD_BALANCER,
      ports: [{ name: 'http', port: 80, targetPort: port }],
    });
    if (pool !== undefined) service.metadata.addAnnotation('metallb.io/address-pool', pool);
    // A field that a construct does not know is added to its object.
    ApiObject.of(service).addJsonPatch(JsonPatch.add('/spec/ipFamilyPolicy', 'PreferDualStack'));
    return service;
  }
}
