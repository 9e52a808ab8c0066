# shellcheck shell=bash
# State of this host's k3s and node. Needs lib.sh, HOST, COMMAND.

# Seconds for a start: unpacking on an SD card, and the datastore's bootstrap lock, which a killed first start leaves
# for 20 s, included.
readonly start_timeout=300

# After this many failed starts in a row, none is going to succeed.
readonly failed_starts=6

readonly admin_kubeconfig=/etc/rancher/k3s/k3s.yaml
readonly kubelet_kubeconfig=/var/lib/rancher/k3s/agent/kubelet.kubeconfig

# What k3s says when the cluster's data in the database is encrypted with a token other than the one it starts with.
readonly other_token='encrypted with different token'

# Keeps kubectl's cache out of root's home.
export KUBECACHEDIR=/run/k3s-cdk-kubectl

# As the cluster's administrator; only on servers.
as_admin() { /usr/local/bin/k3s kubectl --kubeconfig "$admin_kubeconfig" --request-timeout 10s "$@"; }

# As this node's kubelet, which may read, cordon and drain its own node, and no other.
as_node() { /usr/local/bin/k3s kubectl --kubeconfig "$kubelet_kubeconfig" --request-timeout 10s "$@"; }

# Which machine a node is, recorded by the last step of a rollout.
# shellcheck disable=SC2034 # for those who source this
readonly machine_annotation=k3s-cdk/machine

# node_lines TEMPLATE: a line for each node of the cluster. Retries while the API is busy; without an answer the step
# fails.
node_lines() {
  wait_until 60 as_admin get nodes -o jsonpath="{range .items[*]}$1{\"\n\"}{end}" ||
    fatal "the API does not answer on this server: see 'journalctl -u k3s'"
}

# forget_node NAME: deletes the node and its password, which k3s would require from the next machine of this name.
forget_node() {
  as_admin delete node "$1" --ignore-not-found
  as_admin delete secret --namespace kube-system "$1.node-password.k3s" --ignore-not-found
}

# Servers may run without a kubelet.
runs_kubelet() { ! grep -Eqs '^disable-agent: *"?true' /etc/rancher/k3s/config.yaml /etc/rancher/k3s/config.yaml.d/*.yaml; }

# Seconds before its expiry from which k3s renews a certificate when it starts: 90 days, in later releases 120.
readonly renewal_window=$((90 * 24 * 60 * 60))

# Whether k3s would renew one of its certificates if it were restarted. Its CAs are valid for ten years.
certificates_due() {
  local file
  for file in /var/lib/rancher/k3s/{server/tls,agent}/*.crt; do
    [[ -f $file && $file != *-ca.crt ]] || continue
    openssl x509 -in "$file" -noout -checkend "$renewal_window" >/dev/null || return 0
  done
  return 1
}

# is_ready UNIT VERSION
is_ready() {
  systemctl is-active --quiet "$1" || return 1
  if [[ ${COMMAND:?} == server ]]; then as_admin get --raw /readyz >/dev/null 2>&1 || return 1; fi
  if runs_kubelet; then node_is_ready "$2"; fi
}

# node_is_ready VERSION: as reported by the current kubelet, not the previous one.
node_is_ready() {
  local status
  kubelet_is_healthy || return 1
  status=$(as_node get node "${HOST:?}" -o \
    jsonpath='{.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}' 2>/dev/null) || return 1
  [[ $status == "True $1" ]]
}

kubelet_is_healthy() {
  local status
  {
    exec 3<>/dev/tcp/127.0.0.1/10248 || return 1
    printf 'GET /healthz HTTP/1.0\r\n\r\n' >&3
    read -r -t 5 _ status _ <&3
    exec 3>&-
  } 2>/dev/null
  [[ ${status:-} == 200 ]]
}

# wait_until_ready UNIT VERSION
wait_until_ready() {
  local deadline=$((SECONDS + start_timeout)) began=$SECONDS before
  before=$(restarts "$1")
  until is_ready "$1" "$2"; do
    if [[ ${NEW_HERE:-} == true ]]; then replace_old_machine; fi
    ((SECONDS < deadline)) || return 1
    (($(restarts "$1") - before < failed_starts)) || return 1
    rest_after "$began"
    began=$SECONDS
  done
}

# A new machine under the name of an old one: a server can remove the old node itself.
replace_old_machine() {
  local machine
  if [[ ${COMMAND:?} != server ]] || ! runs_kubelet; then return 0; fi
  machine=$(as_admin get node "${HOST:?}" --ignore-not-found -o jsonpath='{.status.nodeInfo.machineID}' 2>/dev/null) ||
    return 0
  if [[ -n $machine && $machine != "$(</etc/machine-id)" ]]; then
    info "node '$HOST' is another machine now: removing what the old one left in the cluster"
    forget_node "$HOST" || true
  fi
}

restarts() { systemctl show --property NRestarts --value "$1"; }

# explain_not_ready UNIT SINCE: k3s's errors, each once, or else its last messages; and the node's, if it has become
# one.
explain_not_ready() {
  local errors
  errors=$(journalctl --no-pager --output cat --unit "$1" --since "@$2" |
    grep -E 'level=(error|fatal)|^Error|^panic' | grep -v 'Sending HTTP' |
    sed -E 's/^time="[^"]*" //' | awk '!seen[$0]++' | tail -n 8) || true
  printf '%s\n' "${errors:-$(journalctl --no-pager --lines 15 --output cat --unit "$1")}"
  if grep -q 'Node password rejected' <<<"$errors"; then
    printf "another machine was a node by the name '%s': if it is gone, run 'kubectl delete node %s', then apply again\n" "$HOST" "$HOST"
  fi
  if grep -q "$other_token" <<<"$errors"; then
    printf "the cluster was started with another token than 'secrets/k3s-token': restore that one with 'k3s-cdk init --from-hosts', then apply again\n"
  fi
  printf '%s is %s after %s restarts\n' "$1" "$(systemctl is-active "$1" || true)" "$(restarts "$1")"
  if runs_kubelet; then
    as_node get node "$HOST" -o \
      jsonpath='{range .status.conditions[*]}{.type}={.status}: {.message}{"\n"}{end}' 2>/dev/null || true
  fi
}
