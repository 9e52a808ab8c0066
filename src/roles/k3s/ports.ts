/** Of the kubelet: logs, exec, metrics. */
export const kubeletPort = 10250;

/** TCP, of the registry that nodes are for each other with `embedded-registry`. */
export const registryPort = 5001;

/** UDP, of flannel's tunnels; WireGuard has one for each family. */
export const tunnelPorts = { VXLAN: [8472], WireGuard: [51820, 51821] } as const;

/** What else listens on a server, mostly on loopback, and whose it is. */
export const ownPorts = [
  { port: 6444, owner: 'k3s itself' },
  { port: 10248, owner: 'the kubelet' },
  { port: 10249, owner: 'kube-proxy' },
  { port: kubeletPort, owner: 'the kubelet' },
  { port: 10256, owner: 'kube-proxy' },
  { port: 10257, owner: 'kube-controller-manager' },
  { port: 10258, owner: 'the cloud controller manager' },
  { port: 10259, owner: 'kube-scheduler' },
] as const;
