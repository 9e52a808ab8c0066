import type { Manifest } from '../../src/config/objects/manifest';

/** What Argo CD knows, in its order; every other kind is last, by name. */
const argoKinds =
  `Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount
  Secret SecretList ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole
  ClusterRoleList ClusterRoleBinding ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet
  Pod ReplicationController ReplicaSet Deployment HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress
  APIService`.split(/\s+/);

/** What Flux knows, first and last. */
const fluxFirst =
  `CustomResourceDefinition Namespace ClusterRole ClusterClass RuntimeClass PriorityClass StorageClass
  VolumeSnapshotClass IngressClass GatewayClass ClusterRoleBinding ResourceQuota ServiceAccount Role RoleBinding
  ConfigMap Secret Service LimitRange Deployment StatefulSet CronJob PodDisruptionBudget`.split(/\s+/);
const fluxLast = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** As Argo CD applies them: wave by wave, kind by kind; a namespace in the wave of the first object in it. */
export function argoOrder(objects: readonly Manifest[]): Manifest[] {
  const own = ({ metadata }: Manifest) => Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
  const wave = (object: Manifest) =>
    object.kind === 'Namespace'
      ? Math.min(
          own(object),
          ...objects.filter(({ metadata }) => metadata.namespace === object.metadata.name).map(own),
        )
      : own(object);
  const kind = (object: Manifest) => argoKinds.indexOf(object.kind) + 1 || argoKinds.length + 1;
  return sorted(objects, (object) => [wave(object), kind(object)]);
}

/** As Flux applies them: stage after stage, each tried as a whole before any of it is applied. */
export function fluxStages(objects: readonly Manifest[]): Manifest[][] {
  const stage = ({ kind }: Manifest) => {
    if (['CustomResourceDefinition', 'Namespace', 'ClusterRole'].includes(kind)) return 0;
    return kind.endsWith('Class') ? 1 : 2;
  };
  const place = ({ kind }: Manifest) =>
    fluxFirst.includes(kind) ? fluxFirst.indexOf(kind) - fluxFirst.length : fluxLast.indexOf(kind) + 1;
  const inOrder = sorted(objects, (object) => [place(object)]);
  return [0, 1, 2].map((number) => inOrder.filter((object) => stage(object) === number));
}

/** By these numbers, and by name where they are equal. */
function sorted(objects: readonly Manifest[], numbers: (object: Manifest) => readonly number[]): Manifest[] {
  const keys = new Map(objects.map((object) => [object, numbers(object)]));
  const number = (object: Manifest, index: number) => keys.get(object)?.[index] ?? 0;
  return [...objects].sort(
    (a, b) =>
      number(a, 0) - number(b, 0) ||
      number(a, 1) - number(b, 1) ||
      (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0),
  );
}
