/** Every image in the manifests, pinned to the release that the manifests were written for. */
export const pinnedImages = {
  metallbController: 'quay.io/metallb/controller:v0.16.2',
  metallbSpeaker: 'quay.io/metallb/speaker:v0.16.2',
  frr: 'quay.io/frrouting/frr:10.5.3',
  nfsSubdirProvisioner: 'registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2',
  nfsPlugin: 'registry.k8s.io/sig-storage/nfsplugin:v4.13.4',
  csiProvisioner: 'registry.k8s.io/sig-storage/csi-provisioner:v6.3.0',
  csiResizer: 'registry.k8s.io/sig-storage/csi-resizer:v2.2.0',
  csiNodeDriverRegistrar: 'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.17.0',
  csiLivenessProbe: 'registry.k8s.io/sig-storage/livenessprobe:v2.19.0',
  systemUpgradeController: 'docker.io/rancher/system-upgrade-controller:v0.20.1',
  systemUpgradeKubectl: 'docker.io/rancher/kubectl:v1.36.2',
} as const;

/**
 * Digests of their lists of architectures. Only those in the registry's own list of releases, or that two
 * independent projects state for this very tag; the others are pinned by tag. Keyed by the whole reference,
 * so that another tag never gets this one's digest.
 */
export const pinnedDigests: Readonly<Record<string, string>> = {
  'registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:v4.0.2':
    'sha256:63d5e04551ec8b5aae83b6f35938ca5ddc50a88d85492d9731810c31591fa4c9',
  'registry.k8s.io/sig-storage/nfsplugin:v4.13.4':
    'sha256:1eb5a85180a4ad0193a31d319b163f35c8c1857794ebaac71d8abcdd5a0516d3',
  'registry.k8s.io/sig-storage/csi-provisioner:v6.3.0':
    'sha256:a4b0b1a37605b7b04a293e136edf7006ec1786a8eb3f4e5a945f81d667dcc371',
  'registry.k8s.io/sig-storage/csi-resizer:v2.2.0':
    'sha256:a2d40c1c3ccb0c48b467125a6652c4dd5dcbf0d295641c9989581cfc690f6cf3',
  'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.17.0':
    'sha256:f9de845b170155199f2a2a3f9531cf13d78e31235e9db6b6582a8b0db0a50dad',
  'registry.k8s.io/sig-storage/livenessprobe:v2.19.0':
    'sha256:06da0d5b8908072f2e4522692aee8dc119fba7247a9658497e1153992cd777e9',
};

/** What podman runs on hosts unless cluster.yaml names another image. */
export const hostImages = {
  postgres: 'docker.io/library/postgres:17',
  etcd: 'quay.io/coreos/etcd:v3.5.33',
} as const;

/** `quay.io/metallb/controller` of `quay.io/metallb/controller:v0.16.2`. */
export function repositoryOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf(':'));
}
