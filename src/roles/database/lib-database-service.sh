# shellcheck shell=bash
# The service of Postgres, alone or one of several. Needs lib.sh, lib-database-user.sh, lib-database-container.sh,
# lib-postgres.sh, here, DATA_DIR, SERVICE_USER, DATABASE, ROLE.

readonly unit=k3s-postgres.service alive=k3s-postgres-alive.service
# Changes that need a restart, and those for which a reload may be enough.
# shellcheck disable=SC2034 # of those who source this
readonly needs_restart=k3s-postgres.restart needs_reload=k3s-postgres.reload

# Records where the data is, whatever cluster.yaml says by then.
place_uninstaller() {
  sed -i "s|@DATA_DIR@|$(printf '%q' "${DATA_DIR:?}")|; s|@SERVICE_USER@|${SERVICE_USER:?}|" "${here:?}/uninstall-database.sh"
  place_file 0755 root:root "$here/uninstall-database.sh" /usr/local/lib/k3s-cdk/uninstall.d/40-database
}

# begin_configuration SECRETS: writes the common part to a folder beside the one in use, for Postgres to check first.
begin_configuration() {
  local secrets=$1 next=${DATA_DIR:?}/config.next name
  service_folder "$DATA_DIR/config"
  rm -rf "$next"
  service_folder "$next"
  for name in postgresql.conf pg_hba.conf pg_ident.conf; do install_for_service "${here:?}/$name" "$next/$name"; done
  for name in ca.crt server.crt server.key; do install_for_service "$secrets/$name" "$next/$name"; done
}

# end_configuration: Postgres reads the contents of that folder at its next start or reload.
end_configuration() {
  local name
  for name in "${DATA_DIR:?}"/config.next/*; do
    place_file 0600 "${SERVICE_USER:?}:$SERVICE_USER" "$name" "$DATA_DIR/config/${name##*/}" "$needs_reload"
  done
  rm -rf "$DATA_DIR/config.next"
}

place_unit() {
  local unit_folder=$DATA_DIR/home/.config/containers/systemd
  as_database mkdir -p "$unit_folder"
  place_file 0755 root:root "${here:?}/alive.sh" /usr/local/libexec/k3s-cdk/k3s-postgres-alive.sh "$alive"
  # Not in the user's home: under SELinux, systemd starts no unit from a file with the label of data.
  place_file 0644 root:root "$here/$alive" "/etc/systemd/user/$alive" "$alive"
  place_file 0644 "$SERVICE_USER:$SERVICE_USER" "${here:?}/k3s-postgres.container" \
    "$unit_folder/k3s-postgres.container" "$needs_restart"
  as_database systemctl --user daemon-reload
}

start() {
  info "starting $unit"
  as_database systemctl --user reset-failed "$unit" 2>/dev/null || true
  as_database systemctl --user restart "$unit" || postgres_failed "cannot be started"
}

# The unit that ends a Postgres that does not answer.
start_alive() {
  if is_changed "$alive" || ! as_database systemctl --user --quiet is-active "$alive"; then
    as_database systemctl --user restart "$alive" || postgres_failed "has nobody who ends it when it does not answer"
    clear_changed "$alive"
  fi
}

# The role of k3s and its database, where Postgres takes writes.
k3s_role() { [[ -n $(sql "SELECT 1 FROM pg_roles WHERE rolname = '${ROLE:?}'") ]] || sql "CREATE ROLE $ROLE LOGIN"; }

k3s_database() {
  [[ -n $(sql "SELECT 1 FROM pg_database WHERE datname = '${DATABASE:?}'") ]] || sql "CREATE DATABASE $DATABASE OWNER $ROLE"
}
