import type { Config } from '../config/config';
import { chartVersions } from '../config/pinned-releases';
import { type HelmUpgrades, helmUpgrades } from './helm-upgrades';

/** A Helm chart that k3s installs, at one version. */
export interface HelmChartSource {
  readonly name: string;
  readonly version: string;
  /** Address of the chart repository. */
  readonly repository: string;
  /** Air gap: file name below `charts/` of the artifacts; the servers hand it out instead of the repository. */
  readonly archive?: string;
  /** Of this cluster's k3s: `helmUpgrades(topology.k3s.version)`. @default - as any k3s can */
  readonly upgrades?: HelmUpgrades;
}

const repositories = {
  'cert-manager': 'https://charts.jetstack.io',
  headlamp: 'https://kubernetes-sigs.github.io/headlamp',
  'frr-k8s': 'https://metallb.github.io/frr-k8s',
} as const;

/** Charts of this cluster, by name. */
export type Charts = Readonly<Partial<Record<keyof typeof repositories, HelmChartSource>>>;

/** Which charts this cluster installs; with artifacts, from archives that the hosts carry. */
export function charts({ addons, metallb, k3s }: Config): Charts {
  const source = (name: keyof typeof repositories, version: string | undefined) =>
    version === undefined
      ? {}
      : {
          [name]: {
            name,
            version,
            repository: repositories[name],
            upgrades: helmUpgrades(k3s.version),
            ...(k3s.artifacts !== undefined && { archive: `${name}-${version}.tgz` }),
          },
        };
  return {
    ...source('cert-manager', addons.certManager?.version),
    ...source('headlamp', addons.headlamp?.version),
    ...source('frr-k8s', metallb?.bgp?.backend === 'frr-k8s' ? chartVersions['frr-k8s'] : undefined),
  };
}
