#!/usr/bin/env bash
# Makes this host run one version of k3s with one configuration. Restarts k3s only if something differs from what last
# ran well or if its certificates are due, waits until the node is ready, and rolls back if it does not become ready.
#
# Inputs (step.env):
#   HOST           name of the node
#   COMMAND        server or agent
#   VERSION        release of k3s; the step before has installed its binary
#   NODE_IP        address of the node; its interface carries the pods' network
#   LOAD_BALANCER  true if haproxy takes the port of the API on this host
#   DRAIN          true if there are other nodes that can take over pods
#   MAX_UNAVAILABLE  how many agents may restart at once; agents only
#   APPLY          time of the plan, the same for all hosts of an apply; agents only
#   LAST_VERSION   release that all nodes ran after the last rollout; empty if the operator's machine does not know
#   ANY_VERSION    true to accept any release, whatever runs here
#   QUORUM         true if etcd for several database hosts runs here; empty otherwise
#   SECRETS        user's files that its configuration refers to, separated by blanks; empty for none
#   DATASTORE_FILES  what servers have for an external database, separated by blanks; empty with our own
#   NEEDS          host:port of what k3s cannot start without, separated by blanks; one that answers is enough
# Files: config.yaml, registration.yaml, kubelet.conf, logind.conf, k3s.service, uninstall-k3s.sh; authentication.yaml,
#   crds.yaml, turns.yaml, remove-node.sh (servers), admission.yaml and audit-policy.yaml (hardened servers); registries.yaml,
#   k3s.env (optional)
# Argument: folder with the token, and on servers the agents' token and the certificates for the datastore; registries.yaml
#   and files/, if the user has any
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=lib-node.sh
. "$here/lib-node.sh"
# shellcheck source=lib-drain.sh
. "$here/lib-drain.sh"
# shellcheck source=lib-turns.sh
. "$here/lib-turns.sh"
# shellcheck source=lib-file-set.sh
. "$here/lib-file-set.sh"
# shellcheck source=lib-k3s-files.sh
. "$here/lib-k3s-files.sh"
# shellcheck source=lib-k3s-release.sh
. "$here/lib-k3s-release.sh"
# shellcheck source=lib-k3s-unpack.sh
. "$here/lib-k3s-unpack.sh"
# shellcheck source=lib-token.sh
. "$here/lib-token.sh"
# shellcheck source=lib-k3s-token.sh
. "$here/lib-k3s-token.sh"
# shellcheck source=/dev/null
. "$here/step.env"
: "${HOST:?}" "${COMMAND:?}" "${VERSION:?}" "${NODE_IP:?}" "${LOAD_BALANCER:?}" "${DRAIN:?}" "${NEEDS:?}" "${ANY_VERSION:?}"

readonly etc=/etc/rancher/k3s state=/var/lib/k3s-cdk/k3s tools=/usr/local/lib/k3s-cdk
readonly manifests=/var/lib/rancher/k3s/server/manifests kubelet_folder=/var/lib/rancher/k3s/agent/etc/kubelet.conf.d

# shellcheck disable=SC2034 # for lib-drain.sh
readonly CORDONED_FOR="the upgrade to $VERSION; the next apply"

# What k3s does not have to be restarted for.
place_side_files() {
  place_file 0600 root:root "$here/registration.yaml" "$etc/config.yaml.d/60-k3s-cdk-registration.yaml"
  place_file 0755 root:root "$here/uninstall-k3s.sh" "$tools/uninstall.d/50-k3s"
  place_logind_delay
  [[ $COMMAND == server ]] || return 0
  place_file 0755 root:root "$here/remove-node.sh" "$tools/remove-node"
  # kube-apiserver would create the folder of its audit log world-readable.
  [[ ! -f $here/audit-policy.yaml ]] || install -d -m 0700 "${manifests%/*}" "${manifests%/*}/logs"
  # k3s applies it at start, and again when it changes. It has only definitions: an object fails until its definition is
  # established, and one failure makes k3s apply all of its manifests again 15 seconds later.
  place_file 0600 root:root "$here/crds.yaml" "$manifests/k3s-cdk-crds.yaml"
  place_file 0600 root:root "$here/turns.yaml" "$manifests/k3s-cdk-turns.yaml"
}

# The kubelet asks for it when it starts. Read after the files of packages, and again at this signal.
place_logind_delay() {
  install -d -m 0755 /etc/systemd/logind.conf.d
  place_file 0644 root:root "$here/logind.conf" /etc/systemd/logind.conf.d/zz-k3s-cdk.conf logind
  is_changed logind || return 0
  systemctl kill --signal=HUP systemd-logind.service 2>/dev/null || true
  clear_changed logind
}

# The other role's unit, and a load balancer that cluster.yaml no longer has: both would hold our ports.
stop_what_is_in_the_way() {
  local other=k3s-agent
  [[ $COMMAND == server ]] || other=k3s
  if [[ -e /etc/systemd/system/$other.service ]]; then
    systemctl disable --quiet --now "$other"
    remove_file "/etc/systemd/system/$other.service"
  fi
  if [[ $LOAD_BALANCER == false && -x $tools/uninstall.d/60-load-balancer ]]; then
    "$tools/uninstall.d/60-load-balancer"
  fi
}

# A server's files open the cluster: CA keys, administrator access. An agent needs none of them.
forget_server() {
  [[ $COMMAND == agent ]] || return 0
  rm -rf --one-file-system /var/lib/rancher/k3s/server
  rm -f "$etc/k3s.yaml" "$tools/remove-node"
}

# The database for servers, the API for agents: without it a restart would only do harm.
wait_for_needs() {
  wait_until 90 something_answers ||
    fatal "none of '$NEEDS' answers, which k3s needs to start; nothing was changed: check that the $([[ $COMMAND == server ]] && echo database || echo API) runs and that this host may reach it, then apply again"
}

something_answers() {
  local need
  for need in $NEEDS; do
    # An IPv6 address is in brackets, which bash does not accept.
    # shellcheck disable=SC2016 # its own arguments
    timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' - "$(tr -d '[]' <<<"${need%:*}")" "${need##*:}" 2>/dev/null && return 0
  done
  return 1
}

# A busy machine may need more than one attempt: restarting k3s there would make it worse.
runs_well() {
  systemctl is-active --quiet "$unit" && wait_until 60 is_ready "$unit" "$VERSION"
}

# restart_with FILES INSTEAD-OF-FILES
restart_with() {
  started=$EPOCHSECONDS
  # k3s itself makes them so, and would leave them wider.
  mkdir -p /var/lib/rancher/k3s
  (umask 077 && mkdir -p "$kubelet_folder")
  exchange_files "$2" "$1"
  label "$etc"
  systemctl daemon-reload
  systemctl enable --quiet "$unit"
  systemctl reset-failed "$unit" 2>/dev/null || true
  systemctl restart --no-block "$unit"
}

# play ROLE: sets what is started, waited for and queried.
play() {
  COMMAND=$1
  unit=k3s
  [[ $COMMAND == server ]] || unit=k3s-agent
}

# What runs now does not work: roll back to what did.
roll_back() {
  local version role=agent
  warn "$unit does not become ready with $VERSION:"
  explain_not_ready "$unit" "$started" >&2
  if [[ ! -d $state/good ]]; then
    fatal "k3s does not start on this host (its last messages are above): fix the cause, then apply again"
  fi
  version=$(readlink "$state/good/usr/local/bin/k3s")
  version=${version#k3s-}
  [[ ! -e $state/good/etc/systemd/system/k3s.service ]] || role=server
  if [[ $role != "$COMMAND" ]]; then
    systemctl disable --quiet --now "$unit" || true
    play "$role"
  fi
  info "going back to k3s $version and its configuration"
  restart_with "$state/good" "$state/next"
  if wait_until_ready "$unit" "$version"; then
    uncordon
    fatal "k3s $VERSION with its new configuration does not start (its last messages are above); this host is back on $version and its previous configuration, hosts after it were not touched: correct cluster.yaml, then apply again"
  fi
  explain_not_ready "$unit" "$started" >&2
  fatal "k3s starts neither as cluster.yaml wants it nor with $version and its previous configuration: what it says about both is above; fix that (the database, the network, or manual changes on this host, which 'k3s-cdk status' names), then apply again, which also lets pods come back to this node"
}

# A node without pods to spare has taken no turn: cordoned, it would be one more than may be away.
drain_in_turn() {
  runs_kubelet || return 0
  if [[ $COMMAND == server || $turn_taken == true ]]; then
    drain
  else
    info "node '$HOST' is not Ready, so it restarts as it is"
  fi
}

main() {
  local previous
  play "$COMMAND"
  [[ -x /usr/local/bin/k3s-$VERSION ]] ||
    fatal "'/usr/local/bin/k3s-$VERSION' is missing: apply again with -replace=…_k3s-binary of this host"
  install -d -m 0700 "$(dirname "$state")" "$state"
  previous=$(readlink "$state/good/usr/local/bin/k3s" 2>/dev/null || true)
  refuse_version "${previous#k3s-}"
  NEW_HERE=$([[ -n $previous ]] || echo true)
  wanted_files "$1"
  place_side_files
  # Nobody uses its etcd any more: the database hosts' steps have run before.
  [[ ${QUORUM:-} == true ]] || leave 42-etcd
  record unit "$unit.service"
  if same_files "$state/next" "$state/good" && in_place "$state/good" && runs_well && ! certificates_due; then
    systemctl enable --quiet "$unit"
    info "k3s $VERSION runs with this configuration already"
  else
    wait_for_needs
    [[ $COMMAND == agent ]] || replace_token "$1/token"
    # Servers follow one another already.
    [[ $COMMAND == server ]] || take_turn
    stop_what_is_in_the_way
    # Pods keep running while k3s restarts; only a new version replaces their container runtime.
    if [[ $DRAIN == true && -n $previous && $previous != "k3s-$VERSION" ]]; then drain_in_turn; fi
    [[ $previous == "k3s-$VERSION" ]] || unpack_k3s "/usr/local/bin/k3s-$VERSION"
    info "starting k3s $VERSION"
    restart_with "$state/next" "$state/good"
    wait_until_ready "$unit" "$VERSION" || roll_back
    keep_files "$state/next" "$state/good"
    [[ $previous == "k3s-$VERSION" ]] || remove_old_binaries "$previous"
  fi
  forget_server
  uncordon
  end_turn
}

main "$@"
