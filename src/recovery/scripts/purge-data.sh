#!/usr/bin/env bash
# Deletes what the cluster has stored on a host that has left it, from folders that belong to the cluster. Anything else
# there stays. Prints a line for each item deleted or left. Read after the purge scripts of the host's roles.
#
# Inputs; those of roles are in their scripts:
#   CLUSTER  name of the cluster
#   CALLS    functions of the roles' scripts
set -euo pipefail
umask 022

# shellcheck source=lib-folders.sh
. "${here:?}/lib-folders.sh"
# shellcheck source=lib-uninstall.sh
. "$here/lib-uninstall.sh"

fatal() {
  printf '%s\n' "$*" >&2
  exit 1
}

main() {
  local call
  : "${CLUSTER:?}" "${CALLS?}"
  [[ -z $(ls -A /usr/local/lib/k3s-cdk/uninstall.d 2>/dev/null) ]] ||
    fatal "this host is still part of the cluster or could not leave it: nothing is deleted, run 'k3s-cdk destroy' again"
  for call in $CALLS; do "$call"; done
}

# is_the_clusters FOLDER KIND
is_the_clusters() {
  local state
  state=$(folder_state "$1" "$2")
  if [[ $state == others ]]; then
    echo "left: $1, which was not made for a cluster ($(some_entries "$1"))"
    return 1
  fi
  # Including one from before there were markers.
  [[ $state != ours ]] || mark_folder "$1"
  require_no_mount_below "$1"
}

# remove_folder FOLDER: one that belongs to the cluster, if nothing else is in it.
remove_folder() {
  [[ -d $1 ]] || return 0
  if [[ -n $(folder_entries "$1") ]]; then
    echo "left: $1 with what does not belong to the cluster ($(some_entries "$1"))"
  elif is_marked "$1"; then
    rm -f "$1/${folder_marker:?}"
    rmdir "$1" 2>/dev/null || true
  fi
}

main
