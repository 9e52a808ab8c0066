import type { Construct } from 'constructs';
import type { Addons } from '../../model/addons';
import type { HelmChartSource } from '../../model/charts';
import { HelmChart, override, type Values } from '../helm/helm-chart';
import { ManifestChart } from '../manifest-chart';
import { restrictedContainer } from '../pod-security';

type Headlamp = NonNullable<Addons['headlamp']>;

export interface HeadlampChartProps {
  readonly cluster: string;
  readonly headlamp: Headlamp;
  readonly source: HelmChartSource;
  /** @default - ghcr.io */
  readonly imageMirror?: string | undefined;
}

const namespace = 'headlamp';

/** A dashboard. It has no permissions itself: whoever opens it logs in with a token. */
export class HeadlampChart extends ManifestChart {
  constructor(scope: Construct, id: string, { cluster, headlamp, source, imageMirror }: HeadlampChartProps) {
    super(scope, id, {
      application: { name: 'headlamp', version: source.version },
      cluster,
      namespace: { name: namespace, podSecurity: 'restricted', openPorts: ['http'] },
    });
    new HelmChart(this, 'headlamp', {
      source,
      targetNamespace: namespace,
      values: override(values(headlamp, imageMirror), headlamp.values),
    });
  }
}

function values(headlamp: Headlamp, imageMirror: string | undefined): Values {
  return {
    ...(imageMirror !== undefined && { image: { registry: imageMirror } }),
    // The chart would make its ServiceAccount an administrator of the cluster.
    clusterRoleBinding: { create: false },
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
    securityContext: {
      ...restrictedContainer,
      runAsNonRoot: true,
      // The image's user.
      runAsUser: 100,
      runAsGroup: 101,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(headlamp.host !== undefined && { ingress: ingress(headlamp.host, headlamp.issuer) }),
  };
}

function ingress(host: string, issuer: string | undefined): Values {
  return {
    enabled: true,
    ingressClassName: 'traefik',
    hosts: [{ host, paths: [{ path: '/', type: 'Prefix' }] }],
    ...(issuer !== undefined && {
      annotations: { 'cert-manager.io/cluster-issuer': issuer },
      tls: [{ hosts: [host], secretName: 'headlamp-tls' }],
    }),
  };
}
