import type { Toleration } from 'cdk8s-plus-28/lib/imports/k8s';
import { podLabels } from '../labels';

/** The release that these constructs describe; the images are pinned to it in src/model/images.ts. */
export const application = { name: 'metallb', version: '0.16.2' };

export const namespace = 'metallb-system';

/** Port of the metrics, over TLS and for callers with the right to read them. */
export const metricsPort = 9120;

/** Port of `/healthz` and `/readyz`. */
export const healthPort = 17472;

/** Secret that the controller creates and the speakers read, for memberlist's encryption. */
export const memberlistSecret = 'memberlist';

export const controllerLabels = podLabels('metallb', 'controller');
export const speakerLabels = podLabels('metallb', 'speaker');

/** Prometheus finds the metrics by these. */
export const scrapeAnnotations = {
  'prometheus.io/port': String(metricsPort),
  'prometheus.io/scheme': 'https',
  'prometheus.io/scrape': 'true',
};

/** Control plane nodes, as kubeadm and others may taint them. */
export const controlPlaneTolerations: Toleration[] = [
  { key: 'node-role.kubernetes.io/master', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
];
