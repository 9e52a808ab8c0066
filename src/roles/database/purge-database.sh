# shellcheck shell=bash
# Deletes the database. Part of purge-data.sh.
#
# Inputs: DATA_DIR, SERVICE_USER, the folder and the user that it belongs to

# Everything that the database's steps create.
purge_database() {
  local name
  is_the_clusters "${DATA_DIR:?}" database || return 0
  remove_user
  for name in data{,.next,.new} cluster config{,.next} etcd home backup.work{,.file} {restore,upgrade,drill}.work; do
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
  getent passwd "${SERVICE_USER:?}" >/dev/null || return 0
  loginctl terminate-user "$SERVICE_USER" 2>/dev/null || true
  while pgrep -u "$SERVICE_USER" >/dev/null; do
    ((SECONDS < deadline)) || fatal "processes of user '$SERVICE_USER' do not end: see 'pgrep -au $SERVICE_USER'"
    sleep 1
  done
  userdel "$SERVICE_USER"
}
