import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { isMap } from '../../config/is-map';
import type { HelmChartSource } from '../../model/charts';
import { anyUpgrades, type HelmUpgrades } from '../../model/helm-upgrades';
import { toYaml } from '../yaml';

/** Where HelmCharts usually are, and where k3s looks for the HelmChartConfigs of its own charts. */
export const helmNamespace = 'kube-system';

/** Values of a chart, as its documentation describes them. */
export type Values = Readonly<Record<string, unknown>>;

export interface HelmChartProps {
  readonly source: HelmChartSource;
  /** Namespace of what the chart installs; it has to exist. */
  readonly targetNamespace: string;
  readonly values: Values;
}

/**
 * A chart that k3s's Helm controller installs. Without the internet it comes from the servers themselves, which
 * serve `/var/lib/rancher/k3s/server/static` through the API.
 */
export class HelmChart extends Construct {
  constructor(scope: Construct, id: string, { source, targetNamespace, values }: HelmChartProps) {
    super(scope, id);
    const { name, version, repository, archive, upgrades = anyUpgrades } = source;
    new ApiObject(this, 'chart', {
      apiVersion: 'helm.cattle.io/v1',
      kind: 'HelmChart',
      metadata: { name, namespace: helmNamespace },
      spec: {
        ...(archive === undefined
          ? { chart: name, version, repo: repository }
          : { chart: `https://%{KUBERNETES_API}%/static/charts/${archive}` }),
        targetNamespace,
        ...upgradeFields(upgrades),
        valuesContent: toYaml(values),
      },
    });
  }
}

/** Of a HelmChart: only what its k3s knows, which refuses the rest. */
export function upgradeFields({ failurePolicy, forceConflicts }: HelmUpgrades) {
  return { failurePolicy, ...(forceConflicts && { forceConflicts }) };
}

/** Merges `own` into `values`, map by map; lists and scalars are replaced. */
export function override(values: Values, own: Values): Values {
  const result: Record<string, unknown> = { ...values };
  for (const [key, value] of Object.entries(own)) {
    const before = result[key];
    result[key] = isMap(before) && isMap(value) ? override(before, value) : value;
  }
  return result;
}
