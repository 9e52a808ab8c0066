# shellcheck shell=bash
# Limits how many agents restart at once, whoever applies: a node that runs pods waits for its turn before it stops, and
# says when it is back. Turns are entries of a ConfigMap that the servers' manifests have; the API refuses the second of
# two that take one at the same time. The node uses its kubelet's identity, which may read and change this one object.
#
# An entry is a node with the apply that it belongs to and its deadline (seconds of the epoch), or `failed` in its place.
# When a node fails or dies, the others of the same apply stop before they change anything. The next apply is not held up
# by it. Entries were written by other hosts: what has another form is ignored.
#
# Needs lib.sh, lib-node.sh, HOST, APPLY, MAX_UNAVAILABLE; TURN_TIME for what takes longer.

readonly turns=(configmap k3s-cdk-turns --namespace kube-system)

# Seconds: a drain, a start, a start with what ran before, and waits in between. Nodes' clocks may differ by a minute.
readonly turn_time=${TURN_TIME:-1200}

# take_turn: returns when at most MAX_UNAVAILABLE nodes have a turn, of which this is one; then `turn_taken` is true. One
# that runs no pods needs none.
take_turn() {
  local said=0
  turn_taken=
  runs_pods || return 0
  wait_until 600 read_turns ||
    fatal "the API does not say which nodes restart ($(as_node get "${turns[@]}" 2>&1 | tail -n 1)), so node '${HOST:?}' was left as it is: see 'k3s kubectl get ${turns[*]}' on a server, then apply again"
  until may_restart && claim_turn; do
    if ((SECONDS >= said)); then
      # The step would restart the node at a moment when nobody expects it any more.
      printf '%s waits for its turn: %s\n' "$HOST" "$holders" ||
        fatal "the apply that node '$HOST' waited in is gone: it was left as it is"
      said=$((SECONDS + 10))
    fi
    sleep "$((1 + RANDOM % 3))"
    read_turns || true
  done
  turn_taken=true
  trap fail_turn EXIT
}

# Servers restart before agents: for moments nobody answers, or heartbeats are missed, and the pods run on. After a minute
# without an answer there is nothing to spare, as with a credential that has expired.
runs_pods() { ready_for_pods || { kubelet_is_healthy && wait_until 60 ready_for_pods; }; }

ready_for_pods() {
  [[ $(as_node get node "$HOST" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) == True ]]
}

# The node is back.
end_turn() {
  [[ -n ${turn_taken:-} ]] || return 0
  trap - EXIT
  leave_turn null
}

# Sets `version`, of the object, and `entries`.
# shellcheck disable=SC2016 # variables of the template
read_turns() {
  local answer
  answer=$(as_node get "${turns[@]}" -o go-template='{{ .metadata.resourceVersion }}{{ "\n" }}{{ range $node, $turn := .data }}{{ $node }} {{ $turn }}{{ "\n" }}{{ end }}' 2>/dev/null) ||
    return 1
  version=${answer%%$'\n'*}
  entries=$(tail -n +2 <<<"$answer" | grep -E '^[a-z0-9.-]+ [0-9TZ:-]+ ([0-9]{1,12}|failed)$' || true)
}

# Ends the step if a node of this apply has failed. Sets `holders` if there is no turn left.
may_restart() {
  local node run end now=$EPOCHSECONDS
  local -a holding=()
  while read -r node run end; do
    [[ -n $node && $node != "$HOST" ]] || continue
    if [[ $end == failed ]]; then
      [[ $run != "${APPLY:?}" ]] || fatal "left as it is, because node '$node' did not come back"
    elif ((end > now)); then
      holding+=("$node")
    elif [[ $run == "${APPLY:?}" ]]; then
      fatal "left as it is, because node '$node' has been restarting for more than $((turn_time / 60)) minutes: fix that, then apply again"
    fi
  done <<<"$entries"
  holders="${holding[*]:-another node} restarts"
  ((${#holding[@]} < ${MAX_UNAVAILABLE:?}))
}

# Fails if another node has changed the object meanwhile.
claim_turn() {
  set_turn "\"${APPLY:?} $((EPOCHSECONDS + turn_time))\"" "\"resourceVersion\":\"$version\""
}

# Whatever ended the step, the node is not back.
fail_turn() { leave_turn "\"${APPLY:?} failed\""; }

# leave_turn ENTRY. A server that reboots, or a database that moves, may keep the API silent: to wait for it is cheaper than
# to have the others wait for the deadline.
leave_turn() {
  wait_until 300 set_turn "$1" || warn "the API does not take note that the turn of '$HOST' has ended: others wait for up to $((turn_time / 60)) minutes"
}

# set_turn ENTRY [METADATA]
set_turn() {
  as_node patch "${turns[@]}" --type merge --patch "{\"metadata\":{${2:-}},\"data\":{\"$HOST\":$1}}" >/dev/null 2>&1
}
