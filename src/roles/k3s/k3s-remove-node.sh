#!/usr/bin/env bash
# Takes a node out of the cluster: moves its addresses and pods elsewhere and deletes it. Installed on servers by the
# k3s step, and run on one of them when another host leaves the cluster. Nothing to do is a success.
#
# Argument: name of the node
set -euo pipefail
umask 022

# Seconds; most pods are given 30 to stop.
readonly drain_timeout=120

# What kubectl remembers of the API is not left in root's home.
export KUBECACHEDIR=/run/k3s-cdk-kubectl

as_admin() { /usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml --request-timeout 30s "$@"; }

# A busy API needs more than one question; where k3s does not run, none.
api_answers() {
  local attempt
  for attempt in 1 2 3; do
    as_admin get --raw /readyz >/dev/null && return 0
    systemctl is-active --quiet k3s || return 1
    [[ $attempt == 3 ]] || sleep 5
  done
  return 1
}

# Nodes other than the given one that take pods.
count_other_schedulable() {
  as_admin get nodes -o go-template='{{ range .items }}{{ if not .spec.unschedulable }}{{ .metadata.name }}{{ "\n" }}{{ end }}{{ end }}' |
    grep -vcFx "$1" || true
}

main() {
  local node=$1 ready others
  if ! api_answers; then
    echo "error: $(uname -n): the API does not answer, so node '$node' is not removed: run 'kubectl delete node $node' when it does" >&2
    exit 1
  fi
  ready=$(as_admin get node "$node" --ignore-not-found -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}.')
  if [[ -z $ready ]]; then
    echo "node '$node' is not in the cluster"
    return
  fi
  as_admin cordon "$node"
  others=$(count_other_schedulable "$node")
  # A dead kubelet stops no pod, and without another node there is no place to go: the whole cluster is being removed.
  if [[ $ready == True. && $others != 0 ]]; then
    # MetalLB hands over what this node announces at once; of a node that is suddenly gone it notices after seconds.
    as_admin label node "$node" --overwrite node.kubernetes.io/exclude-from-external-load-balancers=true
    /usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml drain "$node" --ignore-daemonsets --force \
      --delete-emptydir-data --timeout "${drain_timeout}s" ||
      echo "warning: $(uname -n): not all pods of '$node' could be moved (the reason is above); it is removed anyway" >&2
  fi
  as_admin delete node "$node" --ignore-not-found
}

main "$@"
