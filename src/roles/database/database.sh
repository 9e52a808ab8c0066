#!/usr/bin/env bash
# Runs a single Postgres in a rootless podman container: TLS and client certificates only. Takes the data back if there
# were several database hosts.
#
# Inputs (step.env):
#   DATA_DIR       folder on the SSD that gets data, configuration and the container storage
#   SERVICE_USER   user on the host that owns all of it
#   IMAGE          container image
#   DOWNLOAD       yes, or no if images have been uploaded (air gap)
#   DATABASE, ROLE database of k3s and its owner, the name in its client certificates
#   LAST_VERSION   release of k3s that ran last in this cluster; empty before the first one
#   LEAVE_DATA     true to start with an empty database all the same
#   TOKENS         hashes of the server tokens that the operator has
#   SETTINGS       what k3s cannot change once there is data, as words NAME=VALUE
#   CHANGE_SETTINGS  true to accept settings other than those of the data
# Files beside it: postgresql.conf pg_hba.conf pg_ident.conf k3s-postgres.container k3s-postgres-alive.service alive.sh
#   uninstall-database.sh
# Argument: folder with ca.crt, server.crt and server.key
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-folders.sh
. "$here/lib-folders.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-database-container.sh
. "$here/lib-database-container.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-database-service.sh
. "$here/lib-database-service.sh"
# shellcheck source=lib-kine.sh
. "$here/lib-kine.sh"
# shellcheck source=lib-token.sh
. "$here/lib-token.sh"
# shellcheck source=lib-database-settings.sh
. "$here/lib-database-settings.sh"
# shellcheck source=lib-database-upgrade.sh
. "$here/lib-database-upgrade.sh"
# shellcheck source=lib-patroni.sh
. "$here/lib-patroni.sh"
# shellcheck source=/dev/null
. "$here/step.env"

main() {
  local secrets=$1
  : "${DATA_DIR:?}" "${SERVICE_USER:?}" "${IMAGE:?}" "${DOWNLOAD:?}" "${DATABASE:?}" "${ROLE:?}" "${TOKENS?}"
  claim_folder "$DATA_DIR" database
  place_uninstaller
  database_user
  require_known_token "$DATABASE"
  fetch_image "$IMAGE"
  upgrade_major
  require_same_major "$DATA_DIR/cluster/data"
  configuration "$secrets"
  take_back
  [[ -e $DATA_DIR/data ]] || begin_empty
  service_folder "$DATA_DIR/data"
  service
  leave 42-etcd
  k3s_role
  k3s_database
  keep_settings
  info "$(sql "SELECT format('Postgres %s answers on port %s', current_setting('server_version'), current_setting('port'))")"
}

# Checked by Postgres itself before it replaces what the running server would read at its next start.
configuration() {
  local next=$DATA_DIR/config.next
  begin_configuration "$1"
  diff -qr "$next" "$DATA_DIR/config" >/dev/null || check_settings "$next"
  end_configuration
}

# Takes the data of one of several database hosts, once it is the primary: the others hand over to it, or are gone.
take_back() {
  # Patroni no longer runs if a run that was killed at this point is repeated.
  local alone=$DATA_DIR/cluster/alone
  [[ -e $DATA_DIR/cluster/data ]] || return 0
  [[ ! -e $DATA_DIR/data ]] ||
    fatal "'$DATA_DIR/data' is of a single Postgres and '$DATA_DIR/cluster/data' of several: move away the one that is not needed"
  [[ -e $alone ]] || go_on_alone
  info "taking the data over from Patroni"
  # Paused, Patroni leaves Postgres running when it ends.
  in_postgres pg_ctl --pgdata /var/lib/patroni/data --mode fast --wait stop </dev/null >&2 || true
  as_database systemctl --user stop "$unit" || postgres_failed "cannot be stopped"
  # Patroni's file there refers to the one beside it, which must be complete when Patroni takes the data again.
  [[ ! -e $DATA_DIR/cluster/data/postgresql.base.conf ]] ||
    mv -fT "$DATA_DIR/cluster/data/postgresql.base.conf" "$DATA_DIR/cluster/data/postgresql.conf"
  rm -f "$DATA_DIR/cluster/data/patroni.dynamic.json" "$DATA_DIR/cluster/data.newest"
  mv -T "$DATA_DIR/cluster/data" "$DATA_DIR/data"
  rm -f "$alone"
  sync -f "$DATA_DIR"
  mark_changed "$needs_restart"
}

# Another running host would take over as soon as Patroni stops here, and servers would write to both.
go_on_alone() {
  local from
  wait_until 30 has_leader || true
  from=$(leader)
  if [[ -n $from && $from != "$HOST" ]]; then switch_over "$from" "$HOST"; fi
  wait_until 90 is_leader ||
    fatal "this host is not the primary of the database hosts that there were, and may lack data; nothing was changed: see 'k3s-cdk status' and docs/how-to/database.md"
  patronictl pause k3s --wait </dev/null >&2 ||
    fatal "Patroni cannot be paused, so another host would take over from this one, which continues alone; nothing was changed: see 'k3s-cdk status', then apply again"
  as_database touch "$alone"
}

# Servers would fill it from their caches, which have next to nothing, and kubelets would stop the pods that they do not
# find in it.
begin_empty() {
  [[ -z ${LAST_VERSION:-} || ${LEAVE_DATA:?} == true ]] ||
    fatal "this cluster has run before, and there is no database in '$DATA_DIR': if this machine is new or 'database.dataDir' has changed, restore the data with 'k3s-cdk restore BACKUP' or move its folder; to begin with an empty one, apply once with TF_VAR_leave_data=true in the environment"
  empty_database "$DATA_DIR/data"
}

service() {
  hold_image "$here/k3s-postgres.container" "$IMAGE"
  place_unit
  if ! is_changed "$needs_restart" && as_database systemctl --user --quiet is-active "$unit"; then
    reload
  else
    mark_changed "$needs_restart"
  fi
  if is_changed "$needs_restart"; then start; fi
  # After a power cut it recovers first.
  wait_until 300 answers || postgres_failed "does not answer after 5 minutes"
  clear_changed "$needs_restart"
  clear_changed "$needs_reload"
  start_alive
}

# Rereads settings, certificates and access rules. Some settings need a restart; Postgres itself reports which.
reload() {
  local before pending
  is_changed "$needs_reload" || return 0
  wait_until 300 answers || postgres_failed "does not answer"
  before=$(sql 'SELECT pg_conf_load_time()')
  sql 'SELECT pg_reload_conf()' >/dev/null
  wait_until 10 loaded_since "$before" || postgres_failed "does not read its configuration"
  pending=$(sql "SELECT string_agg(name, ' ') FROM pg_settings WHERE pending_restart")
  if [[ -n $pending ]]; then
    info "a restart is needed for: $pending"
    mark_changed "$needs_restart"
  else
    info "reloaded the configuration"
  fi
}

loaded_since() { [[ $(sql 'SELECT pg_conf_load_time()') != "$1" ]]; }

main "$@"
