/**
 * The object in which agents take turns to restart (lib-turns.sh), and every node's right to change it. k3s applies it
 * when a server starts, and leaves the entries that nodes have added.
 */
export const turnsManifest = `apiVersion: v1
kind: ConfigMap
metadata:
  name: k3s-cdk-turns
  namespace: kube-system
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: k3s-cdk-turns
  namespace: kube-system
rules:
  - apiGroups: [""]
    resources: [configmaps]
    resourceNames: [k3s-cdk-turns]
    verbs: [get, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: k3s-cdk-turns
  namespace: kube-system
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: k3s-cdk-turns
subjects:
  - apiGroup: rbac.authorization.k8s.io
    kind: Group
    name: system:nodes
`;
