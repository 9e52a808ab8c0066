#!/usr/bin/env bash
# Takes etcd off this host; the packages stay. Installed by the step of etcd, run when the host leaves the cluster or
# there is a single database host again.
set -euo pipefail
umask 022

# The step fills in where the data is.
readonly user=k3s-etcd folder=/var/lib/k3s-etcd data=@ETCD_DATA@

main() {
  local id
  if id=$(id -u "$user" 2>/dev/null); then
    (cd / && runuser -u "$user" -- env XDG_RUNTIME_DIR="/run/user/$id" systemctl --user stop k3s-etcd.service) || true
    loginctl disable-linger "$user" || true
    systemctl stop "user@$id.service" || true
    rm -rf "/etc/systemd/system/user@$id.service.d/k3s-cdk.conf"
    rmdir "/etc/systemd/system/user@$id.service.d" 2>/dev/null || true
    # Files in the storage of images belong to ids of its own name space.
    require_no_mount
    find "$folder" -xdev -mindepth 1 -delete
    rmdir "$folder" 2>/dev/null || true
    # On the disk of the database, which goes on.
    rm -rf --one-file-system "${data:?}"
    userdel "$user" || true
    systemctl daemon-reload
  fi
  rm -f /var/lib/k3s-cdk/records/etcd{,-image}{,.unfinished} "$0"
}

# find would go through a mount that is of the same file system.
require_no_mount() {
  local mount
  mount=$(awk -v folder="$folder/" 'index($2, folder) == 1 { print $2; exit }' /proc/self/mounts)
  [[ -n $mount ]] || return 0
  printf "error: %s: something is mounted at '%s', so '%s' is not removed: unmount it, then run this again\n" "$(uname -n)" "$mount" "$folder" >&2
  exit 1
}

main "$@"
