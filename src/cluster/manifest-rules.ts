import { groupOf, identityOf } from '../config/objects/manifest';
import { quote } from '../config/quote';
import type { KubernetesSchemas } from '../kubernetes/schemas';
import type { ManifestProblem } from '../manifest-problems';
import type { Topology } from '../model/topology';
import { authorOf, type DistObject } from './dist-object';
import type { GivenManifests } from './given-manifests';
import { schemaFindings } from './schema-findings';

const defaultClass = 'storageclass.kubernetes.io/is-default-class';

/** What keeps objects of the user's own from being what they are meant to be, among the others. */
export function* manifestProblems(
  objects: readonly DistObject[],
  topology: Topology,
  late: GivenManifests['late'],
  schemas: KubernetesSchemas,
): Iterable<ManifestProblem> {
  yield* againstSchemas(objects, topology, late, schemas);
  yield* sameAsOurs(objects);
  yield* withoutNamespace(objects);
  yield* severalDefaults(objects);
  yield* withoutHelm(objects, topology, late);
  yield* kindsOfNobody(objects, topology, late);
}

/** What the API server does not take, of what cluster.yaml says. */
function* againstSchemas(
  objects: readonly DistObject[],
  { manifests }: Topology,
  late: GivenManifests['late'],
  schemas: KubernetesSchemas,
): Iterable<ManifestProblem> {
  const given = [...late.values()].flat().map((object) => ({ ...object, file: '', changes: [] }));
  const written = [...objects, ...given].filter(({ place, changes }) => place || changes.length > 0);
  const ofUser = manifests.flatMap(({ manifest, place }) =>
    manifest.kind === 'CustomResourceDefinition' ? [{ manifest, place, file: '', changes: [] }] : [],
  );
  for (const { object, finding, author } of schemaFindings([...written, ...ofUser], schemas)) {
    if (!author) continue;
    const { code, message, hint } = finding;
    const { kind, metadata } = object.manifest;
    yield {
      code,
      ...author,
      message: `${kind} ${quote(metadata.name)}: ${message}`,
      ...(hint !== undefined && { hint }),
      ...(!schemas.exact && { severity: 'warning' }),
    };
  }
}

/** Two objects of one name would take turns in the cluster. */
function* sameAsOurs(objects: readonly DistObject[]): Iterable<ManifestProblem> {
  const id = ({ manifest }: DistObject) => identityOf(manifest);
  const ours = new Map(objects.filter(({ place }) => !place).map((object) => [id(object), object]));
  for (const object of objects) {
    const other = object.place && ours.get(id(object));
    const place = other && authorOf(object, ['metadata', 'name'])?.place;
    if (!other || !place) continue;
    const { kind, metadata } = object.manifest;
    yield {
      code: 'same-object',
      place,
      message: `the ${kind} ${quote(metadata.name)} is in 'dist/${other.file}' already: change it with 'patches', or give this one another name`,
    };
  }
}

const namespacesOfKubernetes = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** The API server refuses an object whose namespace is not there. */
function* withoutNamespace(objects: readonly DistObject[]): Iterable<ManifestProblem> {
  const names = objects.flatMap(({ manifest }) =>
    manifest.kind === 'Namespace' ? [manifest.metadata.name] : [],
  );
  const there = new Set([...namespacesOfKubernetes, ...names]);
  const told = new Set<string>();
  for (const object of objects) {
    const { namespace } = object.manifest.metadata;
    if (!object.place || namespace === undefined || there.has(namespace) || told.has(namespace)) continue;
    told.add(namespace);
    const place = { ...object.place, path: [...object.place.path, 'metadata', 'namespace'] };
    yield {
      code: 'namespace',
      severity: 'warning',
      place,
      message: `nothing here makes the namespace ${quote(namespace)}: add a Namespace, or make it before the first apply`,
    };
  }
}

/** Claims that name no class get that of the newest default one: which that is says no file. */
function* severalDefaults(objects: readonly DistObject[]): Iterable<ManifestProblem> {
  const isDefault = ({ manifest: { kind, metadata } }: DistObject) =>
    kind === 'StorageClass' && metadata.annotations?.[defaultClass] === 'true';
  const defaults = objects.filter(isDefault);
  if (defaults.length < 2) return;
  const path = ['metadata', 'annotations', defaultClass];
  const names = defaults.map(({ manifest }) => quote(manifest.metadata.name)).join(' and ');
  for (const object of defaults) {
    const author = authorOf(object, path);
    if (!author) continue;
    yield {
      code: 'default-class',
      severity: 'warning',
      ...author,
      message: `${names} are both the default StorageClass: let one be, with 'nfs.default: false' for that of 'nfs'`,
    };
    return;
  }
}

/** Charts are installed by k3s's Helm controller. */
function* withoutHelm(
  objects: readonly DistObject[],
  { servers }: Topology,
  late: GivenManifests['late'],
): Iterable<ManifestProblem> {
  if (!servers.some(({ extraConfig }) => extraConfig['disable-helm-controller'] === true)) return;
  const charts = objects.filter(({ manifest }) => groupOf(manifest) === 'helm.cattle.io');
  for (const { manifest, place } of [...charts, ...[...late.values()].flat()])
    if (place)
      yield {
        code: 'helm-controller',
        place: { ...place, path: [...place.path, 'kind'] },
        message: `the ${manifest.kind} ${quote(manifest.metadata.name)} is installed by the Helm controller of k3s: delete 'disable-helm-controller', or this`,
      };
}

/** What in cluster.yaml brings the kinds of a group. */
const bringers: Readonly<Record<string, readonly [setting: string, isSet: (topology: Topology) => boolean]>> =
  {
    'acme.cert-manager.io': ['addons.certManager', ({ addons }) => addons.certManager !== undefined],
    'cert-manager.io': ['addons.certManager', ({ addons }) => addons.certManager !== undefined],
    'frrk8s.metallb.io': ['metallb.bgp.backend: frr-k8s', ({ charts }) => charts['frr-k8s'] !== undefined],
    'metallb.io': ['metallb', ({ metallb }) => metallb !== undefined],
    'traefik.io': ['addons.ingress: traefik', ({ addons }) => addons.traefik !== undefined],
    'upgrade.cattle.io': ['addons.systemUpgrade: true', ({ addons }) => addons.systemUpgrade],
  };

/** Who installs a chart of his own may bring the kinds by it. */
function* kindsOfNobody(
  objects: readonly DistObject[],
  topology: Topology,
  late: GivenManifests['late'],
): Iterable<ManifestProblem> {
  if (objects.some(({ manifest, place }) => place && manifest.kind === 'HelmChart')) return;
  for (const [group, given] of late) {
    const [setting, isSet] = (Object.hasOwn(bringers, group) && bringers[group]) || [];
    const [first] = given;
    if (setting === undefined || isSet?.(topology) || !first) continue;
    yield {
      code: 'kind-of-nobody',
      severity: 'warning',
      place: { ...first.place, path: [...first.place.path, 'kind'] },
      message: `nothing here brings the kind ${quote(first.manifest.kind)} to the cluster: set '${setting}'. It waits until something does`,
    };
  }
}
