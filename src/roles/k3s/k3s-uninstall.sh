#!/usr/bin/env bash
# Uninstalls k3s from this host: service, containers, mounts, interfaces, firewall rules, files. Installed on the host
# by the
# k3s step, run when the host leaves the cluster. Data on volumes stays: nothing is deleted through a mount.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib-uninstall.sh
. "$here/lib-uninstall.sh"

readonly data=/var/lib/rancher/k3s
readonly folders=(/etc/rancher /var/lib/rancher /var/lib/kubelet /var/lib/cni /run/k3s /run/flannel /var/lib/k3s-cdk/k3s
  /var/lib/k3s-cdk/k3s-binary)
failures=0

failed() {
  printf 'error: %s: %s\n' "$(uname -n)" "$*" >&2
  failures=$((failures + 1))
}

stop_services() {
  local unit
  for unit in k3s k3s-agent; do
    remove_unit "$unit.service" || failed "$unit does not stop"
  done
}

# Processes with their parents: pods are the descendants of k3s's shims.
descendants() {
  local child
  for child in $(pgrep -P "$1" || true); do descendants "$child"; done
  printf '%s\n' "$1"
}

kill_containers() {
  local shim
  local -a processes=()
  for shim in $(pgrep -f "^$data/data/[^/]+/bin/containerd-shim" || true); do
    mapfile -t -O "${#processes[@]}" processes < <(descendants "$shim")
  done
  ((${#processes[@]} == 0)) || kill -KILL "${processes[@]}" 2>/dev/null || true
}

# Volumes of pods are mounted below the kubelet's folder; an unreachable NFS server must not block this.
unmount_all() {
  local mount
  while read -r mount; do
    timeout 10 umount "$mount" 2>/dev/null || umount --force --lazy "$mount" || failed "'$mount' cannot be unmounted"
  done < <(for folder in "${folders[@]}"; do mounts_below "$folder"; done)
  for mount in /run/netns/cni-*; do
    [[ ! -e $mount ]] || ip netns delete "${mount##*/}" || failed "network namespace '$mount' cannot be deleted"
  done
}

remove_interfaces() {
  local name
  for name in $(ip -o link show master cni0 2>/dev/null | awk -F '[ :@]+' '{ print $2 }') \
    cni0 flannel.1 flannel-v6.1 flannel-wg flannel-wg-v6 kube-ipvs0; do
    ! ip link show dev "$name" >/dev/null 2>&1 || ip link delete "$name" || failed "interface '$name' cannot be deleted"
  done
}

# With the host's own iptables and with the one included in k3s, which may write to another backend.
remove_rules() {
  local tool folder rules name
  for folder in /usr/sbin "$data"/data/*/bin/aux; do
    for tool in iptables ip6tables; do
      [[ -x $folder/$tool-save ]] || continue
      rules=$("$folder/$tool-save" 2>/dev/null) || continue
      grep -Eq 'KUBE-|CNI-|[Ff][Ll][Aa][Nn][Nn][Ee][Ll]' <<<"$rules" || continue
      grep -Ev 'KUBE-|CNI-|[Ff][Ll][Aa][Nn][Nn][Ee][Ll]' <<<"$rules" | "$folder/$tool-restore" ||
        failed "rules of k3s cannot be removed from $tool"
    done
  done
  # A set can be destroyed when no rule of either backend names it. It fails where the kernel has no ipset.
  for folder in /usr/sbin "$data"/data/*/bin/aux; do
    [[ -x $folder/ipset ]] || continue
    for name in $("$folder/ipset" list -n 2>/dev/null | grep -E '^(inet6:)?KUBE-' || true); do
      "$folder/ipset" destroy "$name" || failed "set '$name' of k3s cannot be removed from ipset"
    done
  done
}

remove_files() {
  local folder left said
  for folder in "${folders[@]}"; do
    left=$(mounts_below "$folder")
    if [[ -n $left ]]; then
      failed "'$folder' is not removed, because something is still mounted below it: $left"
    elif [[ -e $folder ]]; then
      said=$(find "$folder" -xdev -mindepth 1 -delete 2>&1) ||
        failed "'$folder' is not removed: $(tail -n 1 <<<"$said")"
      rmdir "$folder" 2>/dev/null || true
    fi
  done
  # The leading controller manager creates this folder for FlexVolumes; plugins of others in it stay.
  (cd /usr/libexec 2>/dev/null && rmdir --parents kubernetes/kubelet-plugins/volume/exec 2>/dev/null) || true
  # logind reads it no more after the next boot.
  rm -f /etc/systemd/logind.conf.d/zz-k3s-cdk.conf
  rmdir /etc/systemd/logind.conf.d 2>/dev/null || true
  rm -f /usr/local/bin/k3s /usr/local/bin/k3s-v* /usr/local/lib/k3s-cdk/remove-node \
    /var/lib/k3s-cdk/records/k3s{,-binary,-charts}{,.unfinished}
}

main() {
  stop_services
  kill_containers
  unmount_all
  remove_interfaces
  remove_rules
  remove_files
  ((failures == 0)) || exit 1
  # Last: as long as something is left, it can be run again.
  rm -f "$0"
}

main "$@"
