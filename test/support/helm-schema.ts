import type { Manifest } from '../../src/config/objects/manifest';

/** Fields of k3s 1.32's Helm controller (v0.16) that the manifests may use, and what later ones know beside them. */
const fields: Readonly<Record<string, readonly string[]>> = {
  HelmChart: [
    'backOffLimit',
    'bootstrap',
    'chart',
    'chartContent',
    'createNamespace',
    'failurePolicy',
    'jobImage',
    'repo',
    'set',
    'targetNamespace',
    'timeout',
    'valuesContent',
    'valuesSecrets',
    'version',
  ],
  HelmChartConfig: ['failurePolicy', 'valuesContent', 'valuesSecrets'],
};

/** Every field of a HelmChart or HelmChartConfig that neither the oldest supported k3s knows nor a `later` one. */
export function violationsOfHelm({ kind, spec }: Manifest, later: readonly string[] = []): string[] {
  const known = fields[kind] && [...fields[kind], ...later];
  if (!known) return [`there is no kind ${kind}`];
  const { chart, chartContent } = spec as { chart?: string; chartContent?: string };
  return [
    ...Object.keys(spec as object)
      .filter((key) => !known.includes(key))
      .map((key) => `${key} is not known`),
    ...(kind === 'HelmChart' && (chart === undefined) === (chartContent === undefined)
      ? ['needs either chart or chartContent']
      : []),
  ];
}
