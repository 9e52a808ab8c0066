import { createHash } from 'node:crypto';
import type { GivenObject } from '../config/objects/given-object';
import { groupOf, type Manifest } from '../config/objects/manifest';
import type { HelmUpgrades } from '../model/helm-upgrades';
import type { DistObject } from './dist-object';
import { LateObjects } from './helm/late-objects';
import { withClosedValues } from './helm/values-content';
import { isServedFromTheStart, placed } from './kinds';
import { managedBy, objectLabels } from './labels';
import { ManifestChart, type ManifestChartProps } from './manifest-chart';

/** The user's own objects, each at the place where the cluster takes it. */
export interface GivenManifests {
  /** CustomResourceDefinitions, which k3s gets before everything else. */
  readonly definitions: readonly Manifest[];
  /** What goes into `dist`, before the charts of the file. */
  readonly first: readonly DistObject[];
  /** Kinds that something brings which is itself applied: by their API group. */
  readonly late: ReadonlyMap<string, readonly GivenObject[]>;
  /** What the API server asks about objects, or for them: after these. */
  readonly last: readonly DistObject[];
}

const file = '40-manifests';

const askers: ReadonlySet<string> = new Set([
  'APIService',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

/** k3s takes away what is no longer in its files, and with a definition go all objects of its kind. */
const stays = { 'objectset.rio.cattle.io/prune': 'false' };

/** @param withMetallb whether MetalLB's definitions are among ours */
export function sortManifests(
  given: readonly GivenObject[],
  cluster: string,
  withMetallb: boolean,
): GivenManifests {
  const isDefinition = ({ manifest }: GivenObject) => manifest.kind === 'CustomResourceDefinition';
  const definitions = given.filter(isDefinition).map(({ manifest }) => manifest);
  const served = (manifest: Manifest) => isServedFromTheStart(manifest, definitions, withMetallb);
  const late = new Map<string, GivenObject[]>();
  const direct: DistObject[] = [];
  for (const { manifest, place } of given.filter((each) => !isDefinition(each))) {
    const object = { manifest: placed(labelled(manifest, cluster), definitions), place };
    if (served(manifest))
      direct.push({
        ...object,
        manifest: withClosedValues(object.manifest),
        file: `${file}.k8s.yaml`,
        changes: [],
      });
    else late.set(groupOf(manifest), [...(late.get(groupOf(manifest)) ?? []), object]);
  }
  const rank = ({ manifest: { kind } }: DistObject) => (kind === 'Namespace' ? 0 : askers.has(kind) ? 2 : 1);
  return {
    definitions: definitions.map((manifest) => labelled(manifest, cluster, stays)),
    first: [...direct.filter((each) => rank(each) === 0), ...direct.filter((each) => rank(each) === 1)],
    late,
    last: direct.filter((each) => rank(each) === 2),
  };
}

interface LateManifestsProps extends Pick<ManifestChartProps, 'cluster'>, Pick<GivenManifests, 'late'> {
  /** How this cluster's k3s upgrades charts. */
  readonly upgrades: HelmUpgrades;
}

/** Objects of kinds that come late, a release for each API group: one that never comes must not hold up the others. */
export class LateManifestsChart extends ManifestChart {
  constructor(
    scope: ConstructorParameters<typeof ManifestChart>[0],
    { cluster, late, upgrades }: LateManifestsProps,
  ) {
    super(scope, file, { application: { name: 'manifests' }, cluster });
    for (const [group, objects] of late)
      new LateObjects(this, group, {
        name: releaseName(group),
        targetNamespace: 'default',
        objects: objects.map(({ manifest }) =>
          upgrades.failurePolicy === 'retry' ? manifest : kept(manifest),
        ),
        upgrades,
      });
  }
}

/**
 * An older k3s uninstalls a release whose upgrade fails, and nobody knows what goes with an object of an unknown kind: a
 * database, maybe. Helm finds the object again when it installs the release the next time.
 */
function kept({ metadata, ...manifest }: Manifest): Manifest {
  const annotations = { ...metadata.annotations, 'helm.sh/resource-policy': 'keep' };
  return { ...manifest, metadata: { ...metadata, annotations } } as Manifest;
}

/** Helm allows 53 characters. */
function releaseName(group: string): string {
  const name = `manifests-${group.replaceAll('.', '-')}`;
  if (name.length <= 53) return name;
  return `${name.slice(0, 44)}-${createHash('sha256').update(group).digest('hex').slice(0, 8)}`;
}

/** Labels of the user's own say what it is; who applies it are we. */
function labelled(
  { apiVersion, kind, metadata, ...rest }: Manifest,
  cluster: string,
  more: Readonly<Record<string, string>> = {},
): Manifest {
  const labels = {
    ...objectLabels({ name: 'manifests' }, cluster),
    ...metadata.labels,
    'app.kubernetes.io/managed-by': managedBy,
    ...more,
  };
  return { apiVersion, kind, metadata: { ...metadata, labels }, ...rest };
}
