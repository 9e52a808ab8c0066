#!/usr/bin/env bash
# Makes this host run one version of k3s with one configuration. Restarts k3s only if something differs from what ran
# well last, waits until the node is ready, and goes back to that if it does not become ready.
#
# Inputs (step.env):
#   HOST           name of the node
#   COMMAND        server or agent
#   VERSION        release of k3s; its binary has been put in place by the step before
#   NODE_IP        address of the node; its interface carries the pods' network
#   LOAD_BALANCER  true if haproxy takes the port of the API on this host
#   DRAIN          true if there are other nodes that can take over pods
#   LAST_VERSION   release that all nodes ran after the last rollout; empty if the operator's machine does not know
#   ANY_VERSION    true to take any release, whatever runs here
#   NEEDS          host:port of what k3s cannot start without, separated by blanks; one that answers is enough
# Files: config.yaml, registration.yaml, k3s.service, uninstall-k3s.sh; authentication.yaml, crds.yaml,
#   remove-node.sh (servers); registries.yaml, k3s.env (optional)
# Argument: folder with the token, and on servers the agents' token and the certificates for the datastore
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
# shellcheck source=lib-file-set.sh
. "$here/lib-file-set.sh"
# shellcheck source=/dev/null
. "$here/step.env"
: "${HOST:?}" "${COMMAND:?}" "${VERSION:?}" "${NODE_IP:?}" "${LOAD_BALANCER:?}" "${DRAIN:?}" "${NEEDS:?}" "${ANY_VERSION:?}"

readonly etc=/etc/rancher/k3s state=/var/lib/k3s-cdk/k3s tools=/usr/local/lib/k3s-cdk
readonly manifests=/var/lib/rancher/k3s/server/manifests

# The interface that has NODE_IP: flannel would take the one of the default route.
node_interface() {
  local interface
  interface=$(ip -o address show to "$NODE_IP" | awk '{ print $2; exit }')
  [[ -n $interface ]] ||
    fatal "no interface of this host has the address $NODE_IP: set 'nodeIps' of '$HOST' in cluster.yaml to its own address"
  printf '%s\n' "$interface"
}

# wanted_files SECRETS: everything that k3s must be restarted for, as a set of files below next/.
wanted_files() {
  local secrets=$1 next=$state/next file interface
  interface=$(node_interface)
  rm -rf "$next"
  add_file 0600 "$here/config.yaml" "$next$etc/config.yaml"
  printf 'flannel-iface: "%s"\n' "$interface" >"$here/interface.yaml"
  add_file 0600 "$here/interface.yaml" "$next$etc/config.yaml.d/50-k3s-cdk-interface.yaml"
  add_file 0600 "$secrets/token" "$next$etc/token"
  if [[ $COMMAND == server ]]; then
    add_file 0600 "$secrets/agent-token" "$next$etc/agent-token"
    for file in ca.crt client.crt client.key; do
      add_file 0600 "$secrets/datastore-$file" "$next$etc/datastore/$file"
    done
    add_file 0600 "$here/authentication.yaml" "$next$etc/authentication.yaml"
  fi
  if [[ -f $secrets/registries.yaml ]]; then
    add_file 0600 "$secrets/registries.yaml" "$next$etc/registries.yaml"
  elif [[ -f $here/registries.yaml ]]; then
    add_file 0600 "$here/registries.yaml" "$next$etc/registries.yaml"
  fi
  [[ ! -f $here/k3s.env ]] || add_file 0600 "$here/k3s.env" "$next$etc/k3s.env"
  add_file 0644 "$here/k3s.service" "$next/etc/systemd/system/$unit.service"
  add_link "k3s-$VERSION" "$next/usr/local/bin/k3s"
}

# What k3s does not have to be restarted for.
place_side_files() {
  place_file 0600 root:root "$here/registration.yaml" "$etc/config.yaml.d/60-k3s-cdk-registration.yaml"
  place_file 0755 root:root "$here/uninstall-k3s.sh" "$tools/uninstall.d/50-k3s"
  [[ $COMMAND == server ]] || return 0
  place_file 0755 root:root "$here/remove-node.sh" "$tools/remove-node"
  # k3s applies it at start, and again when it changes: definitions alone, for one failure has k3s apply all of its
  # manifests again 15 seconds later, and an object fails as long as its definition is not established.
  place_file 0600 root:root "$here/crds.yaml" "$manifests/k3s-cdk-crds.yaml"
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

# The database for servers, the API for agents: without it a restart would only do harm.
wait_for_needs() {
  wait_until 90 something_answers ||
    fatal "none of '$NEEDS' answers, which k3s needs to start; nothing was changed: check that the $([[ $COMMAND == server ]] && echo database || echo API) runs and that this host may reach it, then apply again"
}

something_answers() {
  local need
  for need in $NEEDS; do
    # An IPv6 address is in brackets, which bash does not want.
    # shellcheck disable=SC2016 # its own arguments
    timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' - "$(tr -d '[]' <<<"${need%:*}")" "${need##*:}" 2>/dev/null && return 0
  done
  return 1
}

# restart_with FILES INSTEAD-OF-FILES
restart_with() {
  started=$EPOCHSECONDS
  exchange_files "$2" "$1"
  label "$etc"
  systemctl daemon-reload
  systemctl enable --quiet "$unit"
  systemctl reset-failed "$unit" 2>/dev/null || true
  systemctl restart --no-block "$unit"
}

# What runs now does not work: back to what did.
roll_back() {
  local version
  warn "$unit does not become ready with $VERSION:"
  explain_not_ready "$unit" "$started" >&2
  if [[ ! -d $state/good ]]; then
    fatal "k3s does not start on this host (its last messages are above): fix the cause, then apply again"
  fi
  version=$(readlink "$state/good/usr/local/bin/k3s")
  version=${version#k3s-}
  info "going back to k3s $version and its configuration"
  restart_with "$state/good" "$state/next"
  if wait_until_ready "$unit" "$version"; then
    uncordon
    fatal "k3s $VERSION with its new configuration does not start (its last messages are above); this host is back on $version and its previous configuration, hosts after it were not touched: correct cluster.yaml, then apply again"
  fi
  fatal "k3s does not start, neither as cluster.yaml wants it nor with $version and its previous configuration (the last messages are above), so the cause is outside of this host: check the database and the network, then apply again, which also lets pods come back to this node"
}

# refuse_version RELEASE-HERE: Terraform has compared with the last finished rollout. Where it could not, what ran
# well here last is known: databases do not survive a way back, and no component a minor version left out.
refuse_version() {
  local last=${LAST_VERSION:-$1}
  if [[ $ANY_VERSION == true || -z $last || $last == "$VERSION" ]]; then return 0; fi
  if [[ $(printf '%s\n' "$last" "$VERSION" | sort --version-sort | head -n 1) == "$VERSION" ]]; then
    fatal "k3s $last ran here, and there is no way back to $VERSION; nothing was changed: set 'k3s.version' to $last or later, or apply once with TF_VAR_any_k3s_version=true in the environment"
  fi
  (($(minor_of "$VERSION") <= $(minor_of "$last") + 1)) ||
    fatal "k3s $last ran here, and $VERSION leaves out a minor version; nothing was changed: set 'k3s.version' to a release of the minor version after $last first, or apply once with TF_VAR_any_k3s_version=true in the environment"
}

# minor_of RELEASE
minor_of() {
  local rest=${1#*.}
  printf '%s\n' "${rest%%.*}"
}

# The version that runs and the one before it stay, for a way back.
remove_old_binaries() {
  local binary previous=$1
  for binary in /usr/local/bin/k3s-v*; do
    [[ $binary == */k3s-"$VERSION" || $binary == */"$previous" ]] || remove_file "$binary"
  done
}

main() {
  local previous
  unit=k3s
  [[ $COMMAND == server ]] || unit=k3s-agent
  [[ -x /usr/local/bin/k3s-$VERSION ]] ||
    fatal "'/usr/local/bin/k3s-$VERSION' is missing: apply again with -replace=…_k3s-binary of this host"
  install -d -m 0700 "$(dirname "$state")" "$state"
  previous=$(readlink "$state/good/usr/local/bin/k3s" 2>/dev/null || true)
  refuse_version "${previous#k3s-}"
  NEW_HERE=$([[ -n $previous ]] || echo true)
  wanted_files "$1"
  place_side_files
  record unit "$unit.service"
  if same_files "$state/next" "$state/good" && in_place "$state/good" && is_ready "$unit" "$VERSION"; then
    systemctl enable --quiet "$unit"
    info "k3s $VERSION runs with this configuration already"
  else
    wait_for_needs
    stop_what_is_in_the_way
    # Pods run on while k3s restarts; only a new version brings a new container runtime under them.
    if runs_kubelet && [[ $DRAIN == true && -n $previous && $previous != "k3s-$VERSION" ]]; then drain; fi
    info "starting k3s $VERSION"
    restart_with "$state/next" "$state/good"
    wait_until_ready "$unit" "$VERSION" || roll_back
    keep_files "$state/next" "$state/good"
    [[ $previous == "k3s-$VERSION" ]] || remove_old_binaries "$previous"
  fi
  uncordon
}

main "$@"
