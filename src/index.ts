// What `import … from 'k3s-cdk'` exports, described in docs/how-to/library.md. Everything else may change
// with any release.

export { type ClusterOutput, synthCluster, type UserCharts } from './cluster/cluster-app';
export { HelmChart, type HelmChartProps } from './cluster/helm/helm-chart';
export { LateObjects, type LateObjectsProps } from './cluster/helm/late-objects';
export { type Application, podLabels } from './cluster/labels';
export { ManifestChart, type ManifestChartProps, type NamespaceProps } from './cluster/manifest-chart';
export { MetallbChart, type MetallbChartProps } from './cluster/metallb/metallb-chart';
export { MetallbConfigChart, type MetallbConfigChartProps } from './cluster/metallb/metallb-config-chart';
export { NfsChart, type NfsChartProps } from './cluster/nfs/nfs-chart';
export {
  type PodSecurityLevel,
  restrictedContainer,
  restrictedContext,
  restrictedPod,
} from './cluster/pod-security';
export { Account, type AccountProps, Grant, type GrantProps, read, rule } from './cluster/rbac';
export { resources } from './cluster/resources';
export type { Config } from './config/config';
export { type LoadResult, loadConfig } from './config/load';
export { type HelmUpgrades, helmUpgrades } from './model/helm-upgrades';
export { resolve } from './model/resolve';
export type { Topology } from './model/topology';
export type { FileChange } from './output/file-tree';
export { writeCharts } from './write-charts';
