import type { Capability, ContainerSecurityContextProps, SeccompProfileType } from 'cdk8s-plus-28';
import type { PodSecurityContext, SecurityContext } from 'cdk8s-plus-28/lib/imports/k8s';

/** Kubernetes' Pod Security Standards. */
export type PodSecurityLevel = 'restricted' | 'baseline' | 'privileged';

/** uid and gid of `nobody` in the distroless images. */
const nobody = 65534;

/** What the level `restricted` requires of a pod. */
export const restrictedPod: PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: nobody,
  runAsGroup: nobody,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** What the level `restricted` requires of a container, and a read-only root file system. */
export const restrictedContainer: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
};

/** The same for a container of cdk8s-plus-28, whose own defaults are not enough; the user is the image's. */
export const restrictedContext: ContainerSecurityContextProps = {
  ensureNonRoot: true,
  allowPrivilegeEscalation: false,
  // Their values: the enums are in a module that loads all of cdk8s-plus-28.
  capabilities: { drop: ['ALL' as Capability.ALL] },
  seccompProfile: { type: 'RuntimeDefault' as SeccompProfileType.RUNTIME_DEFAULT },
  readOnlyRootFilesystem: true,
};
