import { ApiObject, App, Yaml } from 'cdk8s';
import type { Topology } from '../model/topology';
import type { FileTree } from '../output/file-tree';
import { manifestHeader } from '../output/manifest-header';
import { ManifestChart } from './manifest-chart';
import { metallbCrds } from './metallb/crds';
import { MetallbChart } from './metallb/metallb-chart';
import { MetallbConfigChart } from './metallb/metallb-config-chart';
import { NamespacesChart } from './namespaces-chart';

export interface ClusterOutput {
  /** Manifests below `dist/`. */
  readonly files: FileTree;
  /** CustomResourceDefinitions of the manifests, for the servers to install before anything else is applied. */
  readonly crds: string;
}

/**
 * Everything that lives in the cluster. One chart is one file; kubectl applies them by name, so the numbers are the
 * order of the apply.
 */
export function synthCluster(topology: Topology): ClusterOutput {
  const app = new App();
  const { name: cluster, metallb, images } = topology;
  if (metallb) {
    new MetallbConfigChart(app, '10-metallb-config', { cluster, metallb });
    new MetallbChart(app, '11-metallb', { cluster, metallb, images });
  }
  new NamespacesChart(app, '00-namespaces', { cluster, namespaces: namespacesOf(app) });
  return { files: render(app), crds: metallb ? metallbCrds : '' };
}

function manifestCharts(app: App): ManifestChart[] {
  return app.node.children.filter((child): child is ManifestChart => child instanceof ManifestChart);
}

function namespacesOf(app: App) {
  return manifestCharts(app).flatMap(({ namespaceProps }) => namespaceProps ?? []);
}

function objectsOf(chart: ManifestChart): ApiObject[] {
  return chart.node.findAll().filter((child): child is ApiObject => child instanceof ApiObject);
}

function render(app: App): FileTree {
  return new Map(
    manifestCharts(app)
      .sort((a, b) => (a.node.id < b.node.id ? -1 : 1))
      .map((chart) => [
        `${chart.node.id}.k8s.yaml`,
        manifestHeader + Yaml.stringify(...objectsOf(chart).map((object) => object.toJson())),
      ]),
  );
}
