/** Every image that the manifests name, pinned to the release that the manifests were written for. */
export const pinnedImages = {
  metallbController: 'quay.io/metallb/controller:v0.16.1',
  metallbSpeaker: 'quay.io/metallb/speaker:v0.16.1',
  frr: 'quay.io/frrouting/frr:10.5.3',
  nfsSubdirProvisioner: 'registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2',
  nfsPlugin: 'registry.k8s.io/sig-storage/nfsplugin:v4.13.4',
  csiProvisioner: 'registry.k8s.io/sig-storage/csi-provisioner:v6.3.0',
  csiResizer: 'registry.k8s.io/sig-storage/csi-resizer:v2.2.0',
  csiNodeDriverRegistrar: 'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.17.0',
  csiLivenessProbe: 'registry.k8s.io/sig-storage/livenessprobe:v2.19.0',
  systemUpgradeController: 'docker.io/rancher/system-upgrade-controller:v0.20.1',
  systemUpgradeKubectl: 'docker.io/rancher/kubectl:v1.33.1',
} as const;

/** `quay.io/metallb/controller` of `quay.io/metallb/controller:v0.16.1`. */
export function repositoryOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf(':'));
}
