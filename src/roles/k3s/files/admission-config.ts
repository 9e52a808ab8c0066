/**
 * kube-apiserver's admission configuration. Namespaces without labels accept only pods of the level
 * `restricted`; ours have labels with the level that they need, so they need no exemption. k3s's own pods are
 * in kube-system, which has no label.
 *
 * A runaway source of events is throttled: only as many are kept as these limits let through.
 */
export const admissionConfig = `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: PodSecurity
    configuration:
      apiVersion: pod-security.admission.config.k8s.io/v1
      kind: PodSecurityConfiguration
      defaults:
        enforce: restricted
        audit: restricted
        warn: restricted
      exemptions:
        namespaces: [kube-system]
  - name: EventRateLimit
    configuration:
      apiVersion: eventratelimit.admission.k8s.io/v1alpha1
      kind: Configuration
      limits:
        - { type: Server, qps: 500, burst: 2000 }
        - { type: Namespace, qps: 50, burst: 200, cacheSize: 1000 }
        - { type: User, qps: 50, burst: 200, cacheSize: 1000 }
`;
