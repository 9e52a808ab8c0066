#!/usr/bin/env bash
# Removes a node from the cluster: moves its addresses and pods elsewhere and deletes it. Installed on servers by the
# k3s step, and run on one of them when another host leaves the cluster. Succeeds if there is nothing to do.
#
# Argument: name of the node
set -euo pipefail
umask 022

# Seconds; most pods have 30 to stop.
readonly drain_timeout=120

# At once: each kubectl takes a hundred megabytes, and whole fleets leave in one apply.
readonly lanes=8
# Seconds that a node waits for its own.
readonly lane_timeout=600

# Keeps kubectl's cache out of root's home.
export KUBECACHEDIR=/run/k3s-cdk-kubectl

as_admin() { /usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml --request-timeout 30s "$@"; }

# A busy API may need more than one attempt; where k3s does not run, none is made.
api_answers() {
  local attempt
  for attempt in 1 2 3; do
    as_admin get --raw /readyz >/dev/null && return 0
    systemctl is-active --quiet k3s || return 1
    [[ $attempt == 3 ]] || sleep 5
  done
  return 1
}

# Nodes other than the given one that accept pods.
count_other_schedulable() {
  as_admin get nodes -o go-template='{{ range .items }}{{ if not .spec.unschedulable }}{{ .metadata.name }}{{ "\n" }}{{ end }}{{ end }}' |
    grep -vcFx "$1" || true
}

# Returns when fewer than that many run. The lock is held until the process ends.
take_lane() {
  local lane
  until ((SECONDS > lane_timeout)); do
    for ((lane = 0; lane < lanes; lane++)); do
      exec 9>"/run/lock/k3s-cdk-remove-node.$lane"
      ! flock --nonblock 9 || return 0
    done
    sleep 1
  done
  echo "error: $(uname -n): after $((lane_timeout / 60)) minutes other nodes are still being removed, so node '$1' is not: run 'kubectl delete node $1'" >&2
  exit 1
}

main() {
  local node=$1 ready others
  take_lane "$node"
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
  # A dead kubelet stops no pods, and without another node pods have nowhere to go: the whole cluster is being removed.
  if [[ $ready == True. && $others != 0 ]]; then
    # MetalLB hands over at once what this node announces; it notices a node that disappears only after seconds.
    as_admin label node "$node" --overwrite node.kubernetes.io/exclude-from-external-load-balancers=true
    /usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml drain "$node" --ignore-daemonsets --force \
      --delete-emptydir-data --timeout "${drain_timeout}s" ||
      echo "warning: $(uname -n): not all pods of '$node' could be moved (the reason is above); it is removed anyway" >&2
  fi
  as_admin delete node "$node" --ignore-not-found
}

main "$@"
