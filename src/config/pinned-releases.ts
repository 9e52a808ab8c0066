/** The release of k3s that the reference cluster runs, and that `init` proposes. */
export const k3sVersion = 'v1.36.5+k3s1';

/** Versions of the charts; those of add-ons are defaults of cluster.yaml. */
export const chartVersions = {
  'cert-manager': 'v1.21.2',
  headlamp: '0.45.0',
  // What MetalLB 0.16.2 was tested with (its Chart.yaml).
  'frr-k8s': '0.0.27',
} as const;
