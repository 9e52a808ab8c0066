#!/usr/bin/env bash
# Deletes what the cluster has stored on a host that has left it: databases, backups, volumes. What else lies in those
# folders stays. Prints a line for each thing that is gone.
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
  [[ -z ${DATA_DIR:-} ]] || database
  [[ -z ${BACKUP_DIR:-} ]] || backups
  [[ -z ${EXPORT_PATH:-} ]] || volumes
  disks
}

# Everything that the database's steps make; the data folder may have been somebody's before.
database() {
  local name
  remove_user
  for name in data{,.next,.new} cluster config{,.next} home backup.work{,.file} restore.work upgrade.work; do
    rm -rf --one-file-system "${DATA_DIR:?}/$name"
  done
  # Kept by upgrades of Postgres.
  rm -rf --one-file-system "$DATA_DIR"/data.postgres-*
  rmdir "$DATA_DIR" 2>/dev/null || true
  echo "the database in $DATA_DIR is deleted"
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

backups() {
  find "$BACKUP_DIR" -maxdepth 1 -type f -name "$CLUSTER-[0-9]*T[0-9]*Z.tar*" -delete 2>/dev/null || true
  rmdir "$BACKUP_DIR" 2>/dev/null || true
  echo "the backups in $BACKUP_DIR are deleted"
}

# All of them are the cluster's: nobody else writes there.
volumes() {
  [[ ! -d $EXPORT_PATH ]] || find "$EXPORT_PATH" -mindepth 1 -maxdepth 1 -not -name lost+found -exec rm -rf --one-file-system {} +
  rmdir "$EXPORT_PATH" 2>/dev/null || true
  echo "the volumes in $EXPORT_PATH are deleted"
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
