#!/usr/bin/env bash
# Deletes what the cluster has stored on a host that has left it: databases, backups, volumes, from folders that were made
# for it. What else lies there stays. Prints a line for each thing that is gone, and for each that is left. Needs
# lib-folders.sh.
#
# Inputs:
#   CLUSTER       name of the cluster
#   DATA_DIR      folder of the database; empty for none
#   SERVICE_USER  user that it belongs to
#   BACKUP_DIR    folder of the backups on this host; empty for none
#   EXPORT_PATH   folder with the volumes; empty for none
#   MOUNTS        mount points of disks that were declared for this host, separated by newlines
set -euo pipefail
umask 022

fatal() {
  printf '%s\n' "$*" >&2
  exit 1
}

main() {
  : "${CLUSTER:?}" "${SERVICE_USER:?}"
  [[ -z $(ls -A /usr/local/lib/k3s-cdk/uninstall.d 2>/dev/null) ]] ||
    fatal "this host is still part of the cluster or could not leave it: nothing is deleted, run 'k3s-cdk destroy' again"
  if [[ -n ${DATA_DIR:-} ]] && is_the_clusters "$DATA_DIR" database; then database; fi
  [[ -z ${BACKUP_DIR:-} ]] || backups
  if [[ -n ${EXPORT_PATH:-} ]] && is_the_clusters "$EXPORT_PATH" volumes; then volumes; fi
  disks
}

# is_the_clusters FOLDER KIND
is_the_clusters() {
  local mount state
  state=$(folder_state "$1" "$2")
  if [[ $state == others ]]; then
    echo "left: $1, which was not made for a cluster ($(some_entries "$1"))"
    return 1
  fi
  # Also one that was made before there were markers.
  [[ $state != ours ]] || mark_folder "$1"
  # rm would go through one of the same file system.
  mount=$(awk -v folder="$1/" 'index($2, folder) == 1 { print $2; exit }' /proc/self/mounts)
  [[ -z $mount ]] || fatal "something is mounted at '$mount', and would be deleted with '$1': unmount it, then run the command again"
}

# remove_folder FOLDER: one that was made for the cluster, if nothing else is in it.
remove_folder() {
  [[ -d $1 ]] || return 0
  if [[ -n $(folder_entries "$1") ]]; then
    echo "left: $1 with what is not the cluster's ($(some_entries "$1"))"
  elif is_marked "$1"; then
    rm -f "$1/${folder_marker:?}"
    rmdir "$1" 2>/dev/null || true
  fi
}

# Everything that the database's steps make.
database() {
  local name
  remove_user
  for name in data{,.next,.new} cluster config{,.next} home backup.work{,.file} restore.work upgrade.work; do
    rm -rf --one-file-system "${DATA_DIR:?}/$name"
  done
  # Kept by upgrades of Postgres.
  rm -rf --one-file-system "$DATA_DIR"/data.postgres-*
  echo "the database in $DATA_DIR is deleted"
  remove_folder "$DATA_DIR"
}

# Its processes end first: podman keeps one for its namespaces.
remove_user() {
  local deadline=$((SECONDS + 120))
  getent passwd "$SERVICE_USER" >/dev/null || return 0
  loginctl terminate-user "$SERVICE_USER" 2>/dev/null || true
  while pgrep -u "$SERVICE_USER" >/dev/null; do
    ((SECONDS < deadline)) || fatal "processes of user '$SERVICE_USER' do not end: see 'pgrep -au $SERVICE_USER'"
    sleep 1
  done
  userdel "$SERVICE_USER"
}

# Their names are the cluster's; the folder may be somebody's.
backups() {
  find "$BACKUP_DIR" -maxdepth 1 -type f -name "$CLUSTER-[0-9]*T[0-9]*Z.tar*" -delete 2>/dev/null || true
  echo "the backups in $BACKUP_DIR are deleted"
  remove_folder "$BACKUP_DIR"
}

volumes() {
  [[ ! -d $EXPORT_PATH ]] ||
    find "$EXPORT_PATH" -mindepth 1 -maxdepth 1 -not -name lost+found -not -name "${folder_marker:?}" -exec rm -rf --one-file-system {} +
  echo "the volumes in $EXPORT_PATH are deleted"
  remove_folder "$EXPORT_PATH"
}

# The file systems stay, empty.
disks() {
  local mount unit
  while read -r mount; do
    [[ -n $mount ]] || continue
    unit=$(systemd-escape --path --suffix=mount "$mount")
    grep -qsxF "Description=Disk of $mount" "/etc/systemd/system/$unit" || continue
    systemctl disable --quiet --now "$unit" || fatal "'$mount' cannot be unmounted: see 'fuser -vm $mount'"
    rm -f "/etc/systemd/system/$unit"
    systemctl daemon-reload
    rmdir "$mount" 2>/dev/null || true
    echo "the disk at $mount is unmounted"
  done <<<"${MOUNTS:-}"
}

main
