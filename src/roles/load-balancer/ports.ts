/** k3s makes room for haproxy, which takes the public port on the same hosts. */
const usualBackendPort = 7443;
/** Where it goes when the user took the usual one, or the next, which kube-apiserver itself listens on. */
const otherBackendPort = 9443;
/** Where haproxy reports its health to keepalived, on loopback only. k3s takes 6443 and 6444 there. */
const usualMonitorPort = 6442;

/** Where kube-apiserver listens on every server, and where haproxy shows whether one of them is healthy. */
export function portsBehind(publicPort: number): {
  readonly backendPort: number;
  readonly monitorPort: number;
} {
  const taken = publicPort === usualBackendPort || publicPort === usualBackendPort + 1;
  return {
    backendPort: taken ? otherBackendPort : usualBackendPort,
    monitorPort: publicPort === usualMonitorPort ? usualMonitorPort - 1 : usualMonitorPort,
  };
}
