import type { Images } from './images';
import type { Topology } from './topology';

/**
 * Images of the pods that cluster.yaml leads to, each once: of components that this tool knows, and of manifests.
 * Those of k3s itself and of Helm charts are not among them.
 */
export function podImages(topology: Topology): string[] {
  const known = [...componentImages(topology)].map((name) => topology.images[name]);
  const own = topology.manifests.flatMap(({ manifest }) => imagesIn(manifest));
  return [...new Set([...known, ...own])];
}

/** Images that this tool sets in manifests of components. */
export function componentImages({ metallb, storage, addons }: Topology): ReadonlySet<keyof Images> {
  return new Set<keyof Images>([
    ...(metallb ? (['metallbController', 'metallbSpeaker'] as const) : []),
    ...(metallb?.backend === 'frr' ? (['frr'] as const) : []),
    ...(storage?.provisioner === 'subdir' ? (['nfsSubdirProvisioner'] as const) : []),
    ...(storage?.provisioner === 'csi'
      ? (['nfsPlugin', 'csiProvisioner', 'csiResizer', 'csiNodeDriverRegistrar', 'csiLivenessProbe'] as const)
      : []),
    ...(addons.systemUpgrade ? (['systemUpgradeController', 'systemUpgradeKubectl'] as const) : []),
  ]);
}

const lists = new Set(['containers', 'initContainers']);

/** Images of the containers in a pod, wherever an object has one. */
function imagesIn(value: unknown, isContainer = false): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => imagesIn(item, isContainer));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    isContainer && key === 'image' && typeof inner === 'string' ? [inner] : imagesIn(inner, lists.has(key)),
  );
}
