import { groupOf, type Manifest } from '../config/objects/manifest';

/** API groups that every API server of k3s has as soon as it answers. */
const builtIn: ReadonlySet<string> = new Set(
  `admissionregistration.k8s.io apiextensions.k8s.io apiregistration.k8s.io apps authentication.k8s.io
  authorization.k8s.io autoscaling batch certificates.k8s.io coordination.k8s.io discovery.k8s.io events.k8s.io
  flowcontrol.apiserver.k8s.io helm.cattle.io internal.apiserver.k8s.io k3s.cattle.io networking.k8s.io node.k8s.io
  policy rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io storage.k8s.io storagemigration.k8s.io`.split(
    /\s+/,
  ),
);

/** Kinds of these that belong to no namespace. */
const clusterScoped: ReadonlySet<string> = new Set(
  `APIService CertificateSigningRequest ClusterRole ClusterRoleBinding ClusterTrustBundle CSIDriver CSINode
  CustomResourceDefinition DeviceClass DeviceTaintRule ETCDSnapshotFile FlowSchema IngressClass IPAddress
  MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node PersistentVolume
  PriorityClass PriorityLevelConfiguration ResourceSlice RuntimeClass ServiceCIDR StorageClass StorageVersion
  StorageVersionMigration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration
  VolumeAttachment VolumeAttributesClass`.split(/\s+/),
);

/** The definition of a custom resource, as far as it says which. */
interface Definition {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string };
}

function definitionOf(manifest: Manifest, definitions: readonly Manifest[]): Definition | undefined {
  const all = definitions.map(({ spec }) => spec as Definition);
  return all.find(({ group, names }) => group === groupOf(manifest) && names.kind === manifest.kind);
}

function isBuiltIn(manifest: Manifest): boolean {
  return groupOf(manifest) === '' || builtIn.has(groupOf(manifest));
}

/** Whether kubectl can apply an object before anything of `dist` runs. */
export function isServedFromTheStart(
  manifest: Manifest,
  definitions: readonly Manifest[],
  withMetallb: boolean,
): boolean {
  return (
    isBuiltIn(manifest) ||
    definitionOf(manifest, definitions) !== undefined ||
    (withMetallb && groupOf(manifest) === 'metallb.io')
  );
}

/** Whether an object belongs to no namespace; undefined when its kind is not known here. */
export function isClusterScoped(manifest: Manifest, definitions: readonly Manifest[]): boolean | undefined {
  const definition = definitionOf(manifest, definitions);
  if (definition) return definition.scope === 'Cluster';
  return isBuiltIn(manifest) ? clusterScoped.has(manifest.kind) : undefined;
}

/** In the namespace that kubectl would take, whatever the context of who calls it. */
export function placed(manifest: Manifest, definitions: readonly Manifest[]): Manifest {
  const clusterScoped = isClusterScoped(manifest, definitions);
  if (clusterScoped === undefined) return manifest;
  const { namespace, ...rest } = manifest.metadata;
  if (clusterScoped) return namespace === undefined ? manifest : { ...manifest, metadata: rest };
  if (namespace !== undefined) return manifest;
  const { name, ...more } = rest;
  return { ...manifest, metadata: { name, namespace: 'default', ...more } };
}
