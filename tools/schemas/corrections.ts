/**
 * Where Kubernetes' document and its API server differ, found by putting objects with one mistake each to a server
 * (1.36.3, `--dry-run=server`): fields that the document requires and the server does not miss.
 */
export const notMissed: ReadonlySet<string> = new Set([
  'apiextensions.v1.CustomResourceDefinitionVersion.served',
  'batch.v1.PodFailurePolicy.rules',
  'core.v1.HTTPHeader.value',
  'core.v1.ISCSIPersistentVolumeSource.lun',
  'core.v1.ISCSIVolumeSource.lun',
  'core.v1.LimitRangeSpec.limits',
  'core.v1.PreferredSchedulingTerm.preference',
  'core.v1.Sysctl.value',
  'core.v1.TypedLocalObjectReference.kind',
  'discovery.v1.ForNode.name',
  'discovery.v1.ForZone.name',
  'storage.k8s.io/v1/CSIDriver.spec',
  'storage.v1.TokenRequest.audience',
]);

/** Words that the server asks for and its own document leaves out, of kinds that people write by hand. */
export const otherWords: Readonly<Record<string, readonly string[]>> = {
  'apiextensions.v1.CustomResourceDefinitionSpec.scope': ['Cluster', 'Namespaced'],
  'apiextensions.v1.JSONSchemaProps.type': ['array', 'boolean', 'integer', 'number', 'object', 'string'],
  'autoscaling.v2.HPAScalingPolicy.type': ['Percent', 'Pods'],
  'autoscaling.v2.MetricSpec.type': ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'],
  'rbac.v1.RoleRef.kind': ['ClusterRole', 'Role'],
  'rbac.v1.Subject.kind': ['Group', 'ServiceAccount', 'User'],
  'storage.v1.CSIDriverSpec.fsGroupPolicy': ['File', 'None', 'ReadWriteOnceWithFSType'],
};
