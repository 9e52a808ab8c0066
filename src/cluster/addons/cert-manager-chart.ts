import type { Construct } from 'constructs';
import type { Addons } from '../../model/addons';
import type { HelmChartSource } from '../../model/charts';
import { HelmChart, override, type Values } from '../helm/helm-chart';
import { LateObjects } from '../helm/late-objects';
import { ManifestChart } from '../manifest-chart';
import { clusterIssuers } from './cluster-issuers';

export interface CertManagerChartProps {
  readonly cluster: string;
  readonly certManager: NonNullable<Addons['certManager']>;
  readonly source: HelmChartSource;
  /** Nodes of the cluster: with several, the webhook runs twice. */
  readonly nodes: number;
  /** @default - quay.io */
  readonly imageMirror?: string | undefined;
}

const namespace = 'cert-manager';

/** Of the webhook, of the metrics, and of the pods that answer for certificates of this namespace (HTTP-01). */
const openPorts = ['https', 'http-metrics', 8089];

/** cert-manager with its issuers. */
export class CertManagerChart extends ManifestChart {
  constructor(scope: Construct, id: string, props: CertManagerChartProps) {
    const { cluster, certManager, source, nodes, imageMirror } = props;
    super(scope, id, {
      application: { name: 'cert-manager', version: source.version },
      cluster,
      namespace: { name: namespace, podSecurity: 'restricted', openPorts },
    });
    new HelmChart(this, 'cert-manager', {
      source,
      targetNamespace: namespace,
      values: override(
        values(nodes > 1, source.upgrades?.failurePolicy !== 'retry', imageMirror),
        certManager.values,
      ),
    });
    if (certManager.issuers.length > 0) {
      new LateObjects(this, 'issuers', {
        name: 'cert-manager-issuers',
        targetNamespace: namespace,
        objects: clusterIssuers(certManager.issuers),
        upgrades: source.upgrades,
      });
    }
  }
}

function values(severalNodes: boolean, stopsWhenFailed: boolean, imageMirror: string | undefined): Values {
  const requests = (cpu: string, memory: string) => ({ resources: { requests: { cpu, memory } } });
  return {
    // Certificates outlive the removal of the chart.
    crds: { enabled: true, keep: true },
    ...(imageMirror !== undefined && { imageRegistry: imageMirror }),
    global: { priorityClassName: 'system-cluster-critical', leaderElection: { namespace } },
    ...requests('10m', '64Mi'),
    // A check after the install, which a slow board fails: the release would stay as it is, and that is all in order.
    ...(stopsWhenFailed && { startupapicheck: { enabled: false } }),
    cainjector: requests('10m', '64Mi'),
    webhook: {
      ...requests('10m', '32Mi'),
      // Without it the API server rejects every issuer and certificate.
      ...(severalNodes && { replicaCount: 2, podDisruptionBudget: { enabled: true, minAvailable: 1 } }),
    },
  };
}
