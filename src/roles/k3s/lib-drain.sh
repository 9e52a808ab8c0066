# shellcheck shell=bash
# Moves the pods of this node elsewhere, and allows them back. The node does this itself with its kubelet's identity, so
# that no host holds a credential for others. Needs lib.sh, lib-node.sh, HOST, CORDONED_FOR, which is noted on the node.

# Set together with the cordon: only what we cordoned is uncordoned, by whichever run comes next.
readonly cordon_annotation=k3s-cdk/cordoned

# Seconds; most pods have 30 to stop.
readonly drain_timeout=180

drain() {
  if ! wait_until 60 cordon; then
    warn "node '${HOST:?}' does not answer, so it is not drained"
    return 0
  fi
  info "draining node '$HOST'"
  wait_until "$drain_timeout" no_pods_left ||
    warn "these pods cannot be evicted, mostly because of a PodDisruptionBudget; they run on while k3s restarts: $(stuck_pods)"
}

# Fails when the API does not answer.
cordon() {
  local unschedulable
  unschedulable=$(as_node get node "${HOST:?}" -o jsonpath='{.spec.unschedulable}' 2>/dev/null) || return 1
  [[ $unschedulable != true ]] || return 0
  as_node patch node "$HOST" --patch "{\"metadata\":{\"annotations\":{\"$cordon_annotation\":\"for ${CORDONED_FOR:?} ends it\"}},\"spec\":{\"unschedulable\":true}}" >/dev/null ||
    fatal "node '$HOST' cannot be cordoned (the reason is above): ${again:-apply again}"
}

uncordon() {
  runs_kubelet || return 0
  wait_until 60 schedulable ||
    fatal "the API does not answer, so node '$HOST' stays cordoned if it was: ${again:-apply again}, or run 'kubectl uncordon $HOST'"
}

# Whether the node is uncordoned, as far as that is up to us.
schedulable() {
  local ours
  ours=$(as_node get node "${HOST:?}" -o "jsonpath={.metadata.annotations['$cordon_annotation']}" 2>/dev/null) || return 1
  [[ -n $ours ]] || return 0
  as_node patch node "$HOST" --patch "{\"metadata\":{\"annotations\":{\"$cordon_annotation\":null}},\"spec\":{\"unschedulable\":null}}" \
    >/dev/null 2>&1 || return 1
  info "node '$HOST' takes pods again"
}

# Tries every pod again each time: budgets allow one after the other.
no_pods_left() {
  local pods namespace name phase
  pods=$(movable_pods) || return 1
  [[ -n $pods ]] || return 0
  while read -r namespace name phase; do
    [[ $phase == terminating ]] || evict "$namespace" "$name"
  done <<<"$pods"
  return 1
}

evict() {
  printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"namespace":"%s","name":"%s"}}' "$1" "$2" |
    as_node create --raw "/api/v1/namespaces/$1/pods/$2/eviction" -f - >/dev/null 2>&1 || true
}

# NAMESPACE/NAME of those that are left.
stuck_pods() { movable_pods | awk '{ printf "%s%s/%s", separator, $1, $2; separator = " " }'; }

# Pods that something recreates elsewhere: not those of DaemonSets, static pods, pods without an owner, or finished
# ones.
# shellcheck disable=SC2016 # variables of the template
movable_pods() {
  as_node get pods --all-namespaces --field-selector "spec.nodeName=$HOST" -o go-template='
    {{- range .items }}{{ $movable := false }}
      {{- range .metadata.ownerReferences }}
        {{- if and .controller (ne .kind "DaemonSet") (ne .kind "Node") }}{{ $movable = true }}{{ end }}
      {{- end }}
      {{- if or (eq .status.phase "Succeeded") (eq .status.phase "Failed") }}{{ $movable = false }}{{ end }}
      {{- if $movable }}{{ .metadata.namespace }} {{ .metadata.name }} {{ if .metadata.deletionTimestamp }}terminating{{ else }}running{{ end }}{{ "\n" }}{{ end }}
    {{- end }}'
}
