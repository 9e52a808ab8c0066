#!/usr/bin/env bash
# Reverts what prepared this host for k3s, and removes the records of all steps. Packages stay; loaded kernel settings
# last until the next boot. Installed by the first step, run last when the host leaves the cluster.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib-uninstall.sh
. "$here/lib-uninstall.sh"

readonly state=/var/lib/k3s-cdk

main() {
  local unit others
  # Other uninstallers that could not finish are run again, and need their records.
  others=$(find "$(dirname "$0")" -type f -not -name "$(basename "$0")")
  [[ -z $others ]] || exit 0
  rm -f /etc/sysctl.d/90-k3s-cdk.conf /etc/modules-load.d/k3s-cdk.conf
  if [[ -e /etc/NetworkManager/conf.d/zz-k3s-cdk.conf ]]; then
    rm -f /etc/NetworkManager/conf.d/zz-k3s-cdk.conf
    systemctl try-reload-or-restart NetworkManager.service || true
  fi
  [[ ! -e $state/disabled-units ]] ||
    while read -r unit; do systemctl enable --quiet --now "$unit" || true; done <"$state/disabled-units"
  restore_command_line
  rm -rf /run/k3s-cdk-changed /run/k3s-cdk-kubectl
  require_no_mount_below "$state"
  rm -rf --one-file-system "$state"
  rm -f "$0"
}

# What the firmware passes to the kernel at the next boot. The owner may have changed other words since.
restore_command_line() {
  local before file next
  for before in /boot/firmware/current/cmdline.txt /boot/firmware/cmdline.txt /boot/cmdline.txt; do
    file=$before
    before+=.before-k3s-cdk
    [[ -e $before && -e $file ]] || continue
    next=$(mktemp "$file.XXXXXX")
    awk 'NR == 1 { sub(/ cgroup_enable=memory/, ""); print }' "$file" >"$next"
    sync -f "$next"
    mv -f "$next" "$file"
    rm -f "$before"
  done
}

main "$@"
