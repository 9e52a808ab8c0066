/** First minor version of Kubernetes that has the stable API; v1.32 and v1.33 have its beta (KEP-3331, KEP-4633). */
const stableSince = 34;

/**
 * kube-apiserver's authentication configuration: only asking whether it is alive and ready, as load balancers
 * do, needs no credential.
 *
 * @param version of k3s, `vX.Y.Z+k3sN`
 */
export function authenticationConfig(version: string): string {
  const minor = Number(version.split('.')[1]);
  return `apiVersion: apiserver.config.k8s.io/${minor >= stableSince ? 'v1' : 'v1beta1'}
kind: AuthenticationConfiguration
anonymous:
  enabled: true
  conditions:
    - path: /livez
    - path: /readyz
`;
}
