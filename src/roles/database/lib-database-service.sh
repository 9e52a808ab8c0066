# shellcheck shell=bash
# The service of Postgres, alone or one of several. Needs lib.sh, lib-database-user.sh, lib-database-container.sh,
# lib-postgres.sh, here, DATA_DIR, SERVICE_USER, DATABASE, ROLE.

readonly unit=k3s-postgres.service
# Changes that a restart takes up, and those for which a reload may do.
# shellcheck disable=SC2034 # of those who source this
readonly needs_restart=k3s-postgres.restart needs_reload=k3s-postgres.reload

# Knows where the data is, whatever cluster.yaml says by then.
place_uninstaller() {
  sed -i "s|@DATA_DIR@|$(printf '%q' "${DATA_DIR:?}")|; s|@SERVICE_USER@|${SERVICE_USER:?}|" "${here:?}/uninstall-database.sh"
  place_file 0755 root:root "$here/uninstall-database.sh" /usr/local/lib/k3s-cdk/uninstall.d/40-database
}

place_unit() {
  local unit_folder=$DATA_DIR/home/.config/containers/systemd
  as_database mkdir -p "$unit_folder"
  place_file 0644 "$SERVICE_USER:$SERVICE_USER" "${here:?}/k3s-postgres.container" \
    "$unit_folder/k3s-postgres.container" "$needs_restart"
  as_database systemctl --user daemon-reload
}

start() {
  info "starting $unit"
  as_database systemctl --user reset-failed "$unit" 2>/dev/null || true
  as_database systemctl --user restart "$unit" || postgres_failed "cannot be started"
}

# The role of k3s and its database, where Postgres takes writes.
k3s_role() { [[ -n $(sql "SELECT 1 FROM pg_roles WHERE rolname = '${ROLE:?}'") ]] || sql "CREATE ROLE $ROLE LOGIN"; }

k3s_database() {
  [[ -n $(sql "SELECT 1 FROM pg_database WHERE datname = '${DATABASE:?}'") ]] || sql "CREATE DATABASE $DATABASE OWNER $ROLE"
}
