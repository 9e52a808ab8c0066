#!/usr/bin/env bash
# Checks that a machine suits its roles and prepares it: time, packages, kernel, memory cgroup (Raspberry Pi).
#
# Inputs (step.env):
#   OPERATOR_TIME  clock of the operator's machine when this was started
#   UPTIME         seconds that this machine had been up by then
#   ARCH           architecture that files for this host are for (optional)
#   NODE           yes if the host runs k3s
#   CONTAINERS     yes if the host runs k3s, Postgres or etcd
#   NODE_IPV6      address of the node's that is IPv6 (optional)
#   LOST           uninstallers of roles that it does not have, or no longer has, in the order they are run
#   OWN_STEPS      steps of the user's own that it has: others are uninstalled
#   APT_PACKAGES, DNF_PACKAGES  all that its roles need: installed in one go
#   SELINUX_PACKAGES            more of dnf's, where SELinux is on
#   APT_TIME_PACKAGES, DNF_TIME_PACKAGES  a time daemon, for a host without one
#   PORTS          ports that roles need, each with the programs that may have it: 6443:haproxy 5432:postgres
#   MIN_FREE_MB    free space that roles need below /var and in /, in MB
#   TAKES_OVER     of k3s, load-balancer and nfs, those that the machine is to run
# Files beside it: sysctl.conf, modules.conf, network-manager.conf, uninstall-prepare.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-preflight.sh
. "$here/lib-preflight.sh"
# shellcheck source=lib-others.sh
. "$here/lib-others.sh"
# shellcheck source=lib-own-steps.sh
. "$here/lib-own-steps.sh"
# shellcheck source=lib-kernel.sh
. "$here/lib-kernel.sh"
# shellcheck source=lib-memory-cgroup.sh
. "$here/lib-memory-cgroup.sh"
# shellcheck source=/dev/null
. "$here/step.env"

main() {
  : "${OPERATOR_TIME:?}" "${UPTIME:?}" "${NODE:?}" "${CONTAINERS:?}" "${LOST?}" "${OWN_STEPS?}" "${MIN_FREE_MB:?}"
  check_architecture "${ARCH:-}"
  check_identity
  check_free_space "$MIN_FREE_MB"
  # shellcheck disable=SC2086 # a list
  check_ports ${PORTS:-}
  if [[ $CONTAINERS == yes ]]; then check_control_groups; fi
  # shellcheck disable=SC2086 # a list
  check_others ${TAKES_OVER:-}
  # A time daemon may have to be installed, but nothing is installed before the other checks pass.
  ((problems > 0)) || keep_time
  check_clock "$OPERATOR_TIME" "$UPTIME"
  no_problems
  # After the checks: an unsuitable host is left as it was.
  place_file 0755 root:root "$here/uninstall-prepare.sh" /usr/local/lib/k3s-cdk/uninstall.d/10-prepare
  install_step_packages
  # Without the labels that they know, no container starts.
  # shellcheck disable=SC2086 # a list
  if has_selinux; then install_packages dnf ${SELINUX_PACKAGES:-}; fi
  # shellcheck disable=SC2086 # a list
  leave_own_steps $OWN_STEPS
  # Uninstalls roles that this host had. If it was a node, the rollout's last step deletes that.
  # shellcheck disable=SC2086 # a list
  leave $LOST
  if [[ $NODE == yes ]]; then
    stop_cloud_network_setup
    leave_pod_interfaces_alone
    kernel_features
    keep_router_advertisements
    place_file 0644 root:root "$here/sysctl.conf" /etc/sysctl.d/90-k3s-cdk.conf sysctl
    apply_sysctls
    memory_cgroup
  fi
}

# Some time daemon must run; which one is the owner's business.
keep_time() {
  local unit
  for unit in chronyd chrony systemd-timesyncd ntpd ntpsec openntpd; do
    if systemctl is-active --quiet "$unit.service"; then return; fi
  done
  if ! systemctl cat systemd-timesyncd.service chronyd.service chrony.service >/dev/null 2>&1; then
    # shellcheck disable=SC2086 # lists
    install_packages apt ${APT_TIME_PACKAGES:?}
    # shellcheck disable=SC2086
    install_packages dnf ${DNF_TIME_PACKAGES:?}
  fi
  timedatectl set-ntp true ||
    fatal "no time daemon can be started: install and start chrony or systemd-timesyncd on the host"
}

# It changes addresses and routes behind k3s's back, on Enterprise Linux in clouds.
stop_cloud_network_setup() {
  local unit
  install -d -m 0700 /var/lib/k3s-cdk
  for unit in nm-cloud-setup.timer nm-cloud-setup.service; do
    if systemctl is-enabled --quiet "$unit" 2>/dev/null; then
      systemctl disable --quiet --now "$unit"
      printf '%s\n' "$unit" >>/var/lib/k3s-cdk/disabled-units
      warn "$unit was on and is off now; routes that it made go away with the next reboot"
    fi
  done
}

leave_pod_interfaces_alone() {
  systemctl is-active --quiet NetworkManager.service || return 0
  # Read after the owner's files: one that sets the whole list would drop what ours adds to it.
  place_file 0644 root:root "$here/network-manager.conf" /etc/NetworkManager/conf.d/zz-k3s-cdk.conf NetworkManager.service
  remove_file /etc/NetworkManager/conf.d/k3s-cdk.conf NetworkManager.service
  reload_unit NetworkManager.service "see its configuration in /etc/NetworkManager"
}

# A kernel that forwards, as one with pods does, takes no routes from routers any more, its own default route included,
# unless it is told to. Where NetworkManager or systemd-networkd do it, it is off (0).
keep_router_advertisements() {
  local interface setting
  [[ -n ${NODE_IPV6:-} ]] || return 0
  interface=$(ip -o -6 address show to "$NODE_IPV6" | awk '{ print $2; exit }')
  setting=net/ipv6/conf/$interface/accept_ra
  [[ -n $interface && $(sysctl --values "$setting" 2>/dev/null) == [12] ]] || return 0
  printf '# Router advertisements, in spite of forwarding.\n%s = 2\n' "$setting" >>"$here/sysctl.conf"
}

apply_sysctls() {
  is_changed sysctl || return 0
  sysctl --quiet --load /etc/sysctl.d/90-k3s-cdk.conf ||
    fatal "a kernel setting of /etc/sysctl.d/90-k3s-cdk.conf is refused (the message is above)"
  clear_changed sysctl
}

main "$@"
