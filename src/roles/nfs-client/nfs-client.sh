#!/usr/bin/env bash
# Mounts the cluster's storage once, read-only, and unmounts it: a node that cannot is found now, not by a pod.
#
# Inputs (step.env):
#   NFS_SERVER, NFS_PATH  address and directory of the export
#   NFS_PORT              where it listens
#   NFS_OPTIONS           mount options of the StorageClass, read-only and bounded in time
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly target=/run/k3s-cdk-nfs

let_go() {
  umount -l "$target" 2>/dev/null || true
  rmdir "$target" 2>/dev/null || true
}

main() {
  local server=${NFS_SERVER:?} path=${NFS_PATH:?}
  [[ $server != *:* ]] || server="[$server]"
  # Left by a killed run.
  let_go
  mkdir -m 0700 "$target"
  trap let_go EXIT
  timeout 60 mount -t nfs -o "${NFS_OPTIONS:?}" "$server:$path" "$target" ||
    fatal "'$server:$path' cannot be mounted (the message is above): check that port ${NFS_PORT:?}/tcp of the NFS server is reachable from here and that the kernel has the NFS client ('modprobe nfs')"
  info "mounted $server:$path for a test"
}

main "$@"
