# shellcheck shell=bash
# Deletes the backups on this host. Part of purge-data.sh.
#
# Inputs: CLUSTER, and BACKUP_DIR, their folder

# Their names are the cluster's; the folder may be somebody's.
purge_backups() {
  find "${BACKUP_DIR:?}" -maxdepth 1 -type f -name "${CLUSTER:?}-[0-9]*T[0-9]*Z.tar*" -delete 2>/dev/null || true
  echo "the backups in $BACKUP_DIR are deleted"
  remove_folder "$BACKUP_DIR"
}
