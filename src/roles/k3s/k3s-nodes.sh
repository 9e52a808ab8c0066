#!/usr/bin/env bash
# Gives nodes the labels and taints of cluster.yaml, even after they registered, and removes those that it no longer
# has. An annotation of the node records what was set, so that labels and taints of others are left alone. Another
# annotation records which machine a node is, in case it is replaced; a node that has it but is no longer in
# cluster.yaml has left without being deleted, because its host lost the role or no API answered then.
# k3s labels a node as a server, but never removes that label: so this script does.
#
# Inputs (step.env):
#   SERVERS  names of the servers, separated by blanks
# Files: nodes, with a line per node: name, machine, labels (key=value,…), taints (key=value:Effect,…); '-' for none
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
COMMAND=server
# shellcheck source=lib-node.sh
. "$here/lib-node.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly annotation=k3s-cdk/managed role=node-role.kubernetes.io/control-plane

# removed OLD NEW: what OLD has and NEW does not, by key (taints: key:Effect), with the suffix that removes it.
removed() {
  local -A keep=()
  local item
  local -a old new
  IFS=, read -r -a old <<<"${1#-}"
  IFS=, read -r -a new <<<"${2#-}"
  for item in "${new[@]}"; do keep[$(key_of "$item")]=1; done
  for item in "${old[@]}"; do
    [[ -n ${keep[$(key_of "$item")]:-} ]] || printf '%s-\n' "$(key_of "$item")"
  done
}

# key=value → key; key=value:Effect and key:Effect → key:Effect
key_of() {
  local key=${1%%=*} effect=
  if [[ $1 =~ :(NoSchedule|PreferNoSchedule|NoExecute)$ ]]; then
    effect=:${BASH_REMATCH[1]}
    key=${key%"$effect"}
  fi
  printf '%s\n' "$key$effect"
}

# update NODE OLD-LABELS LABELS OLD-TAINTS TAINTS
update() {
  local node=$1 change
  local -a labels taints
  IFS=, read -r -a labels <<<"${3#-}"
  mapfile -t -O "${#labels[@]}" labels < <(removed "$2" "$3")
  if ((${#labels[@]} > 0)); then as_admin label node "$node" --overwrite "${labels[@]}" >/dev/null; fi
  IFS=, read -r -a taints <<<"${5#-}"
  if ((${#taints[@]} > 0)); then as_admin taint node "$node" --overwrite "${taints[@]}" >/dev/null; fi
  # One by one: kubectl fails for a taint that is already gone.
  while read -r change; do as_admin taint node "$node" "$change" >/dev/null 2>&1 || true; done < <(removed "$4" "$5")
  as_admin annotate node "$node" --overwrite "$annotation=$3 $5" >/dev/null
  info "node '$node': labels $3, taints $5"
}

main() {
  local nodes node machine labels taints is_server old_labels old_taints
  local -A managed=() noted=() wanted=() leads=()
  nodes=$(node_lines "{.metadata.name}|{.metadata.annotations['$annotation']}|{.metadata.annotations['$machine_annotation']}|{.metadata.labels['${role//./\\.}']}")
  while IFS='|' read -r node labels machine is_server; do
    [[ -n $node ]] || continue
    managed[$node]=${labels:--}
    noted[$node]=$machine
    leads[$node]=$is_server
  done <<<"$nodes"
  while read -r node machine labels taints; do
    wanted[$node]=1
    if [[ -z ${managed[$node]:-} ]]; then
      warn "node '$node' is not in the cluster yet: its labels and taints come with its registration"
      continue
    fi
    read -r old_labels old_taints <<<"${managed[$node]}"
    if [[ "$old_labels ${old_taints:--}" != "$labels $taints" ]]; then
      update "$node" "$old_labels" "$labels" "${old_taints:--}" "$taints"
    fi
    if [[ -n ${leads[$node]:-} && " ${SERVERS:?} " != *" $node "* ]]; then
      as_admin label node "$node" "$role-" node-role.kubernetes.io/master- >/dev/null
      info "node '$node' is no longer a server"
    fi
    if [[ $machine != unknown && ${noted[$node]:-} != "$machine" ]]; then
      as_admin annotate node "$node" --overwrite "$machine_annotation=$machine" >/dev/null
    fi
  done <"$here/nodes"
  for node in "${!noted[@]}"; do
    [[ -n ${noted[$node]} && -z ${wanted[$node]:-} ]] || continue
    info "node '$node' is no longer in cluster.yaml: removing it from the cluster"
    forget_node "$node"
  done
}

main "$@"
