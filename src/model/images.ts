import type { Config } from '../config/config';

/** Every image that the manifests name, pinned to the release that the manifests were written for. */
const pinned = {
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

/** References as the manifests use them, by what they are for. */
export type Images = Readonly<Record<keyof typeof pinned, string>>;

/** `quay.io/metallb/controller` of `quay.io/metallb/controller:v0.16.1`. */
export function repositoryOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf(':'));
}

/** Images that `images.digests` may name. */
export const imageRepositories: readonly string[] = Object.values(pinned).map(repositoryOf);

/** Applies mirror and digests to every image; the only place that does. */
export function images({ mirror, digests }: Config['images']): Images {
  const reference = (image: string) => {
    const digest = digests[repositoryOf(image)];
    const mirrored = mirror === undefined ? image : `${mirror}${image.slice(image.indexOf('/'))}`;
    return digest === undefined ? mirrored : `${mirrored}@${digest}`;
  };
  return Object.fromEntries(
    Object.entries(pinned).map(([name, image]) => [name, reference(image)]),
  ) as Images;
}
