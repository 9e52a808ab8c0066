#!/usr/bin/env bash
# What `k3s-cdk update` does on a host, one CALL after the other: the host takes itself out of the cluster, installs what
# its package manager has, and comes back. Each call can be repeated, and finds done what was done.
#
# Inputs:
#   CALL             pending, drain, install or settle
#   HOST             name of the host
#   COMMAND          server, agent or none: what k3s runs as here
#   PACKAGES         false if only reboots are of interest; pending only
#   DRAIN            true if there are other nodes that can take over pods
#   MAX_UNAVAILABLE  how many agents may be away at once, whoever takes them out; agents only
#   APPLY            time of the update, the same for all hosts; agents only
set -euo pipefail
umask 022

# How messages of libraries end.
# shellcheck disable=SC2034
again='run the update again'
# Of the packages, and of a node's turn: a slow SD card takes its time.
# shellcheck disable=SC2034
PACKAGE_TIMEOUT=3600 TURN_TIME=5400
# shellcheck disable=SC2034
CORDONED_FOR="an update of the host; 'k3s-cdk update'"

# shellcheck source=lib.sh
. "${here:?}/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-node.sh
. "$here/lib-node.sh"
# shellcheck source=lib-drain.sh
. "$here/lib-drain.sh"
# shellcheck source=lib-turns.sh
. "$here/lib-turns.sh"
: "${CALL:?}" "${HOST:?}" "${COMMAND:?}" "${DRAIN:?}"

# Seconds until pods that a budget holds back count as stuck.
readonly patience=300

main() {
  case $CALL in
    pending | drain | install | settle) "$CALL"_host ;;
    *) fatal "'$CALL' is no call" ;;
  esac
}

# What is to be done here: lines of a kind and its values, separated by tabs.
pending_host() {
  local reason
  [[ ${PACKAGES:?} == false ]] || pending_packages
  reason=$(reboot_reason)
  [[ -z $reason ]] || printf 'reboot\t%s\n' "$reason"
  printf 'boot\t%s\n' "$(</proc/sys/kernel/random/boot_id)"
  printf 'cordon\t%s\n' "$(cordoned_by)"
  echo end
}

# Like the installation itself: nothing is removed, and what the owner holds back stays.
pending_packages() {
  local list status=0
  if [[ $(package_manager) == apt ]]; then
    package_command apt_get update
    # Left by a run that lost power.
    [[ -z $(dpkg --audit) ]] || printf 'package\tdpkg\tunfinished\n'
    list=$(LC_ALL=C apt_get --simulate upgrade --with-new-pkgs) ||
      fatal "apt-get cannot tell what it would upgrade (its reason is above): fix that, then $again"
    awk '$1 == "Inst" { for (i = 3; i <= NF; i++) if ($i ~ /^\(/) { print "package\t" $2 "\t" substr($i, 2); next } }' <<<"$list"
  else
    list=$(LC_ALL=C timeout "$package_timeout" dnf --quiet --refresh check-update) || status=$?
    ((status == 0 || status == 100)) ||
      fatal "dnf cannot tell what it would upgrade (its reason is above): fix that, then $again"
    awk '/^Obsoleting/ { exit } NF == 3 { print "package\t" $1 "\t" $2 }' <<<"$list"
  fi
}

# Why the host has to be rebooted; empty if it need not.
reboot_reason() {
  local newest running
  running=$(uname -r)
  newest=$(kernels "$(flavour "$running")" | sort -V | tail -n 1)
  if [[ -n $newest && $newest != "$running" ]]; then
    printf 'kernel %s is installed, %s runs\n' "$newest" "$running"
  elif [[ -e /run/reboot-required ]]; then
    echo 'its packages ask for it'
  elif [[ $(package_manager) == dnf && $(dnf_says) == *'Reboot is required'* ]]; then
    echo 'its packages ask for it'
  fi
}

# Its exit code is that of a missing plugin, too.
dnf_says() { LC_ALL=C timeout 120 dnf needs-restarting --reboothint 2>/dev/null || true; }

# kernels FLAVOUR: releases of installed kernels; a Raspberry Pi has several flavours and starts one of them.
kernels() {
  local file
  for file in /boot/vmlinuz-*; do
    [[ -e $file && $(flavour "${file#/boot/vmlinuz-}") == "$1" ]] || continue
    printf '%s\n' "${file#/boot/vmlinuz-}"
  done
}

# flavour RELEASE: what is left of it without numbers: amd64, rpi-v8, generic, uek.x86_64.
flavour() { sed -E 's/^[0-9][0-9.-]*(\+[a-z]+[0-9]*)?-?(el[0-9]+(_[0-9]+)*)?//' <<<"$1"; }

# ours, others or no.
cordoned_by() {
  local state
  state=$(is_node && as_node get node "$HOST" -o "jsonpath={.spec.unschedulable} {.metadata.annotations['$cordon_annotation']}" 2>/dev/null) || state=
  case $state in
    'true ') echo others ;;
    'true '*) echo ours ;;
    *) echo no ;;
  esac
}

is_node() { [[ $COMMAND != none && -e $kubelet_kubeconfig ]] && runs_kubelet; }

# The turn and the cordon last until settle_host.
drain_host() {
  local stuck
  if [[ $DRAIN == false ]] || ! is_node; then return 0; fi
  [[ $COMMAND == server ]] || take_turn
  wait_until 60 cordon || fatal "the API does not answer, so node '$HOST' is not drained: see 'k3s-cdk status', then $again"
  if ! wait_until "$patience" no_pods_left; then
    stuck=$(stuck_pods)
    uncordon
    end_turn
    fatal "left as it was, because these pods cannot be evicted, mostly because of a PodDisruptionBudget: $stuck; give them another replica or delete them, then $again"
  fi
  trap - EXIT
}

install_host() {
  if [[ $(package_manager) == apt ]]; then
    # What cannot be configured may be what the upgrade repairs.
    (package_command dpkg --configure -a) 2>/dev/null || true
    package_command apt_get update
    package_command apt_get -o Dpkg::Options::=--force-confdef upgrade --with-new-pkgs --yes
  else
    package_command timeout "$package_timeout" dnf --assumeyes --quiet --setopt=timeout=20 --setopt=retries=2 upgrade
  fi
}

# The node is back: k3s runs, the node is ready, and pods may come.
settle_host() {
  local unit=k3s version began=$EPOCHSECONDS
  [[ $COMMAND == server ]] || unit=k3s-agent
  [[ $COMMAND != none && -e /etc/systemd/system/$unit.service ]] || return 0
  version=$(readlink /usr/local/bin/k3s)
  if ! wait_until_ready "$unit" "${version#k3s-}"; then
    explain_not_ready "$unit" "$began" >&2
    fatal "$unit does not become ready within $((start_timeout / 60)) minutes (its last messages are above): see 'journalctl -u $unit', then $again"
  fi
  uncordon
  if [[ $COMMAND == agent ]] && is_node; then leave_turn null; fi
}

main
