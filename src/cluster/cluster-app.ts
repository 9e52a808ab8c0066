import { ApiObject, App, Chart } from 'cdk8s';
import type { Manifest } from '../config/objects/manifest';
import { KubernetesSchemas } from '../kubernetes/schemas';
import { type ManifestProblem, ManifestProblems } from '../manifest-problems';
import { helmUpgrades } from '../model/helm-upgrades';
import type { Topology } from '../model/topology';
import type { FileTree } from '../output/file-tree';
import { UserError } from '../user-error';
import { CertManagerChart } from './addons/cert-manager-chart';
import { HeadlampChart } from './addons/headlamp-chart';
import { SystemUpgradeChart } from './addons/system-upgrade-chart';
import { TraefikChart } from './addons/traefik-chart';
import type { DistObject } from './dist-object';
import { LateManifestsChart, sortManifests } from './given-manifests';
import { placed } from './kinds';
import type { ManifestChart, NamespaceProps } from './manifest-chart';
import { manifestProblems } from './manifest-rules';
import { manifestSet, manifestSetCrd } from './manifest-set';
import { metallbCrds } from './metallb/crds';
import { FrrK8sChart } from './metallb/frr-k8s-chart';
import { MetallbChart } from './metallb/metallb-chart';
import { MetallbConfigChart } from './metallb/metallb-config-chart';
import { NamespacesChart } from './namespaces-chart';
import { NfsChart } from './nfs/nfs-chart';
import { checkOwnObjects } from './own-objects';
import { patchObjects } from './patch';
import { toYaml } from './yaml';

export interface ClusterOutput {
  /** Manifests below `dist/`, all of them. */
  readonly files: FileTree;
  /** Those of charts of the user's own, and of their namespaces. */
  readonly ownFiles: FileTree;
  /** CustomResourceDefinitions, which servers install before anything else is applied. */
  readonly crds: string;
  /** The object in which kubectl tracks what it applied; `definitions` has its CRD. */
  readonly manifestSet: string;
  /** What may be wrong with what the user wrote. */
  readonly warnings: readonly ManifestProblem[];
}

/** In the order after what cluster.yaml makes, and before the first chart of the user's own. */
const ownNamespaces = '49-namespaces';

/** Charts of the user's own, constructed in `app`. */
export type UserCharts = (app: App, topology: Topology) => void;

/**
 * Everything that lives in the cluster. One chart is one file; kubectl applies them by name, so the numbers are the
 * order of the apply.
 *
 * @throws ManifestProblems when objects or patches of cluster.yaml cannot be applied
 * @throws UserError when a chart makes what the API server would refuse
 */
export function synthCluster(topology: Topology, userCharts: UserCharts = () => {}): ClusterOutput {
  const app = new App();
  const { name: cluster, metallb, storage, addons, images, imageMirror, charts } = topology;
  const { traefik, certManager, headlamp } = addons;
  if (metallb) {
    new MetallbConfigChart(app, '10-metallb-config', { cluster, metallb });
    new MetallbChart(app, '11-metallb', { cluster, metallb, images });
  }
  const frrK8s = charts['frr-k8s'];
  if (metallb && frrK8s) {
    const { speaker } = metallb;
    new FrrK8sChart(app, '12-frr-k8s', { cluster, source: frrK8s, speaker, imageMirror });
  }
  if (storage) new NfsChart(app, '20-nfs', { cluster, storage, images });
  if (traefik) {
    const { loadBalancerClass } = metallb ?? {};
    new TraefikChart(app, '30-traefik', { cluster, traefik, loadBalancerClass });
  }
  if (certManager && charts['cert-manager']) {
    const [source, nodes] = [charts['cert-manager'], topology.nodes.length];
    new CertManagerChart(app, '31-cert-manager', { cluster, certManager, source, nodes, imageMirror });
  }
  if (headlamp && charts.headlamp) {
    new HeadlampChart(app, '32-headlamp', { cluster, headlamp, source: charts.headlamp, imageMirror });
  }
  if (addons.systemUpgrade) new SystemUpgradeChart(app, '33-system-upgrade', { cluster, images });
  const { definitions, first, late, last } = sortManifests(
    topology.manifests,
    cluster,
    metallb !== undefined,
  );
  new LateManifestsChart(app, { cluster, late, upgrades: helmUpgrades(topology.k3s.version) });
  const builtIn = chartsOf(app);
  userCharts(app, topology);
  const own = chartsOf(app).filter((chart) => !builtIn.includes(chart));
  for (const { node } of own.filter(
    (chart) => namespacesOf([chart]).length > 0 && chart.node.id < ownNamespaces,
  ))
    throw new UserError(
      `the ID of the chart '${node.id}' has to begin with 50 or more, after its namespace in the order`,
    );
  new NamespacesChart(app, '00-namespaces', { cluster, namespaces: namespacesOf(builtIn) });
  const ofOwn = namespacesOf(own);
  if (ofOwn.length > 0) own.push(new NamespacesChart(app, ownNamespaces, { cluster, namespaces: ofOwn }));
  // By file, as they are here: those of one file are in the order of the apply.
  const made = [...first, ...chartsOf(app).flatMap((chart) => objectsOf(chart, definitions)), ...last].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0),
  );
  const { objects, problems } = patchObjects(made, topology.patches);
  const crds = objects.filter(({ manifest }) => manifest.kind === 'CustomResourceDefinition');
  const schemas = new KubernetesSchemas(topology.k3s.version, [
    ...definitions,
    ...crds.map(({ manifest }) => manifest),
  ]);
  const found = [...problems, ...manifestProblems(objects, topology, late, schemas)];
  const errors = found.filter(({ severity }) => severity === undefined);
  if (errors.length > 0) throw new ManifestProblems(found);
  checkOwnObjects(objects, schemas);
  const ownFiles = new Set(own.map(fileOf));
  return {
    files: render(objects),
    ownFiles: render(objects.filter(({ file }) => ownFiles.has(file))),
    crds: [
      manifestSetCrd,
      ...(metallb ? [metallbCrds] : []),
      ...definitions.map((each) => toYaml(each)),
    ].join('---\n'),
    manifestSet: manifestSet(cluster),
    warnings: found,
  };
}

function fileOf({ node }: Chart): string {
  return `${node.id}.k8s.yaml`;
}

function chartsOf(app: App): Chart[] {
  return app.node.children.filter((child): child is Chart => Chart.isChart(child));
}

/** Each once, whatever number of charts is in it. */
function namespacesOf(charts: readonly Chart[]): NamespaceProps[] {
  // 'instanceof' takes every Chart of cdk8s for ours.
  const all = charts.flatMap((chart) => (chart as Partial<ManifestChart>).namespaceProps ?? []);
  const distinct = [...new Map(all.map((namespace) => [JSON.stringify(namespace), namespace])).values()];
  const twice = distinct.find(({ name }, index) =>
    distinct.slice(0, index).some((other) => other.name === name),
  );
  if (twice)
    throw new UserError(
      `two charts describe the namespace '${twice.name}' differently: let 'podSecurity' and 'openPorts' be the same in both`,
    );
  return distinct;
}

function objectsOf(chart: Chart, definitions: readonly Manifest[]): DistObject[] {
  const objects = chart.node.findAll().filter((child): child is ApiObject => child instanceof ApiObject);
  return objects.map((object) => ({
    file: fileOf(chart),
    manifest: placed(object.toJson() as Manifest, definitions),
    changes: [],
  }));
}

function render(objects: readonly DistObject[]): FileTree {
  const files = new Map<string, Manifest[]>();
  for (const { file, manifest } of objects) files.set(file, [...(files.get(file) ?? []), manifest]);
  return new Map([...files].map(([file, manifests]) => [file, toYaml(...manifests)]));
}
