/**
 * What kube-apiserver writes into its audit log: who did what to which object, and never what a Secret says.
 * Request bodies are logged only for permissions, network policies and webhooks, which have no secrets. What
 * the cluster does by itself every few seconds is left out, because the log is on the SD card of a small
 * board.
 */
export const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  # Heartbeats, elections, and news of what was done anyway.
  - level: None
    resources:
      - { group: coordination.k8s.io, resources: [leases] }
      - { group: "", resources: [events] }
      - { group: events.k8s.io, resources: [events] }
  - level: None
    userGroups: [system:nodes]
    resources: [{ group: "", resources: [nodes/status, pods/status] }]
  # Load balancers ask every 2 seconds; clients ask which kinds there are.
  - level: None
    verbs: [get]
    nonResourceURLs: [/livez*, /readyz*, /healthz*, /version, /api, /api/*, /apis, /apis/*, /openapi/*]
  # Who reads or changes a Secret, and who gets a token.
  - level: Metadata
    resources:
      - { group: "", resources: [secrets, serviceaccounts/token] }
      - { group: authentication.k8s.io, resources: [tokenreviews] }
  # The cluster's own components read all the time.
  - level: None
    verbs: [get, list, watch]
    users:
      - system:apiserver
      - system:k3s-controller
      - system:k3s-supervisor
      - system:kube-controller-manager
      - system:kube-proxy
      - system:kube-scheduler
  - level: None
    verbs: [get, list, watch]
    userGroups: [system:nodes, system:serviceaccounts:kube-system]
  # Whoever changes these opens doors.
  - level: Request
    verbs: [create, update, patch, delete, deletecollection]
    resources:
      - { group: rbac.authorization.k8s.io }
      - { group: networking.k8s.io, resources: [networkpolicies] }
      - { group: admissionregistration.k8s.io }
  - level: Metadata
`;
