#!/usr/bin/env bash
# Uninstalls etcd from this host; the packages stay. Installed by the step of etcd, run when the host leaves the cluster
# or
# there is a single database host again.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib-uninstall.sh
. "$here/lib-uninstall.sh"

# The step fills in the location of the data.
readonly user=k3s-etcd folder=/var/lib/k3s-etcd data=@ETCD_DATA@

main() {
  local id
  if id=$(id -u "$user" 2>/dev/null); then
    (cd / && runuser -u "$user" -- env XDG_RUNTIME_DIR="/run/user/$id" systemctl --user stop k3s-etcd.service) || true
    loginctl disable-linger "$user" || true
    systemctl stop "user@$id.service" || true
    rm -rf "/etc/systemd/system/user@$id.service.d/k3s-cdk.conf"
    rmdir "/etc/systemd/system/user@$id.service.d" 2>/dev/null || true
    # Files in the image storage belong to IDs of the user's own namespace.
    require_no_mount_below "$folder"
    find "$folder" -xdev -mindepth 1 -delete
    rmdir "$folder" 2>/dev/null || true
    # On the disk of the database, which keeps running.
    rm -rf --one-file-system "${data:?}"
    userdel "$user" || true
    systemctl daemon-reload
  fi
  rm -f /var/lib/k3s-cdk/records/etcd{,-image}{,.unfinished} "$0"
}

main "$@"
