#!/usr/bin/env bash
# Runs Postgres in a rootless podman container: TLS and client certificates only.
#
# Inputs (step.env):
#   DATA_DIR       folder on the SSD that gets data, configuration and the container storage
#   SERVICE_USER   user on the host that owns all of it
#   IMAGE          container image
#   DOWNLOAD       yes, or no when images have been brought along (air gap)
#   DATABASE, ROLE database of k3s and its owner, the name in its client certificates
# Files beside it: postgresql.conf pg_hba.conf pg_ident.conf k3s-postgres.container uninstall-database.sh
# Argument: folder with ca.crt, server.crt and server.key
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-database-upgrade.sh
. "$here/lib-database-upgrade.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly unit=k3s-postgres.service
# Changes that a restart takes up, and those for which a reload may do.
readonly needs_restart=k3s-postgres.restart needs_reload=k3s-postgres.reload

main() {
  local secrets=$1
  : "${DATA_DIR:?}" "${SERVICE_USER:?}" "${IMAGE:?}" "${DOWNLOAD:?}" "${DATABASE:?}" "${ROLE:?}"
  place_uninstaller
  database_user
  image
  upgrade_major
  configuration "$secrets"
  data
  service
  k3s_database
  info "Postgres $(sql 'SHOW server_version') answers on port $(sql 'SHOW port')"
}

# Knows where the data is, whatever cluster.yaml says by then.
place_uninstaller() {
  sed -i "s|@DATA_DIR@|$(printf '%q' "$DATA_DIR")|; s|@SERVICE_USER@|$SERVICE_USER|" "$here/uninstall-database.sh"
  place_file 0755 root:root "$here/uninstall-database.sh" /usr/local/lib/k3s-cdk/uninstall.d/40-database
}

image() {
  as_database podman image exists "$IMAGE" && return
  [[ $DOWNLOAD == yes ]] ||
    fatal "image '$IMAGE' is in none of the archives in 'podman/' of the artifacts: add one with 'podman save $IMAGE'"
  info "fetching $IMAGE"
  under_manager timeout 900 podman pull --quiet "$IMAGE" >/dev/null ||
    fatal "image '$IMAGE' cannot be fetched (podman's output is above): check its name, the registry, the proxy and the network of this host"
}

# Checked by Postgres itself before it replaces what the running server would read at its next start.
configuration() {
  local secrets=$1 next=$DATA_DIR/config.next name
  service_folder "$DATA_DIR/config"
  rm -rf "$next"
  service_folder "$next"
  for name in postgresql.conf pg_hba.conf pg_ident.conf; do install_for_service "$here/$name" "$next/$name"; done
  for name in ca.crt server.crt server.key; do install_for_service "$secrets/$name" "$next/$name"; done
  if ! diff -qr "$next" "$DATA_DIR/config" >/dev/null; then
    if ! checked_start -C max_connections >/dev/null 2>&1; then
      # -C is silent about the cause; a start, which cannot succeed without data, is not.
      checked_start || true
      fatal "Postgres refuses its settings (its message is above): correct 'database.settings' in cluster.yaml"
    fi
  fi
  for name in "$next"/*; do
    place_file 0600 "$SERVICE_USER:$SERVICE_USER" "$name" "$DATA_DIR/config/${name##*/}" "$needs_reload"
  done
  rm -rf "$next"
}

# checked_start OPTION...: postgres with the new configuration and without the data.
checked_start() {
  one_shot --volume "$DATA_DIR/config.next:/etc/postgresql:Z" postgres -c config_file=/etc/postgresql/postgresql.conf \
    -D /tmp "$@" >&2
}

install_for_service() { install -m 0600 -o "$SERVICE_USER" -g "$SERVICE_USER" "$1" "$2"; }

# Made aside and renamed: data that is there is complete. Its order of texts must not change with the image.
data() {
  local next=$DATA_DIR/data.next
  if [[ ! -e $DATA_DIR/data ]]; then
    info "making an empty database in $DATA_DIR/data"
    rm -rf "$next"
    service_folder "$next"
    one_shot --volume "$next:/var/lib/postgresql/data:Z" initdb --pgdata=/var/lib/postgresql/data \
      --username=postgres --encoding=UTF8 --locale=C --data-checksums --auth-local=peer --auth-host=reject >/dev/null ||
      fatal "initdb failed (its output is above): check that '$DATA_DIR' is writable and has free space"
    sync -f "$next"
    mv -T "$next" "$DATA_DIR/data"
  fi
  service_folder "$DATA_DIR/data"
}

# one_shot [PODMAN-OPTION...] COMMAND...: in a container that ends with it. Options come as --name value. Without the
# image's entrypoint, which starts no postgres without data.
one_shot() {
  local -a options=()
  while [[ $1 == --* ]]; do
    options+=("$1" "$2")
    shift 2
  done
  under_manager podman run --rm --quiet --userns=keep-id --network=none --pull=never --entrypoint= "${options[@]}" "$IMAGE" "$@"
}

service() {
  local unit_folder=$DATA_DIR/home/.config/containers/systemd
  as_database mkdir -p "$unit_folder"
  place_file 0644 "$SERVICE_USER:$SERVICE_USER" "$here/k3s-postgres.container" \
    "$unit_folder/k3s-postgres.container" "$needs_restart"
  as_database systemctl --user daemon-reload
  if ! is_changed "$needs_restart" && as_database systemctl --user --quiet is-active "$unit"; then
    reload
  else
    mark_changed "$needs_restart"
  fi
  if is_changed "$needs_restart"; then
    info "starting $unit"
    as_database systemctl --user reset-failed "$unit" 2>/dev/null || true
    as_database systemctl --user restart "$unit" || failed "cannot be started"
  fi
  # After a power cut it recovers first.
  wait_until 300 answers || failed "does not answer after 5 minutes"
  clear_changed "$needs_restart"
  clear_changed "$needs_reload"
}

# Settings, certificates and access rules are read again; some settings wait for a restart, which Postgres knows best.
reload() {
  local before pending
  is_changed "$needs_reload" || return 0
  wait_until 300 answers || failed "does not answer"
  before=$(sql 'SELECT pg_conf_load_time()')
  sql 'SELECT pg_reload_conf()' >/dev/null
  wait_until 10 loaded_since "$before" || failed "does not read its configuration"
  pending=$(sql "SELECT string_agg(name, ' ') FROM pg_settings WHERE pending_restart")
  if [[ -n $pending ]]; then
    info "a restart is needed for: $pending"
    mark_changed "$needs_restart"
  else
    info "reloaded the configuration"
  fi
}

loaded_since() { [[ $(sql 'SELECT pg_conf_load_time()') != "$1" ]]; }

k3s_database() {
  if [[ -z $(sql "SELECT 1 FROM pg_roles WHERE rolname = '$ROLE'") ]]; then sql "CREATE ROLE $ROLE LOGIN"; fi
  if [[ -z $(sql "SELECT 1 FROM pg_database WHERE datname = '$DATABASE'") ]]; then
    sql "CREATE DATABASE $DATABASE OWNER $ROLE"
  fi
}

failed() {
  journalctl --no-pager --lines 20 --output cat CONTAINER_NAME=k3s-postgres + _SYSTEMD_USER_UNIT="$unit" >&2 || true
  fatal "Postgres $1 (its last messages are above): see 'sudo -u $SERVICE_USER XDG_RUNTIME_DIR=/run/user/$(id -u "$SERVICE_USER") systemctl --user status $unit'"
}

main "$@"
