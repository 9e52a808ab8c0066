#!/usr/bin/env bash
# Runs Postgres under Patroni in a rootless podman container, as one of several database hosts. Takes over the data of a
# single Postgres that was here. A restart that is needed moves the primary to another host first.
#
# Inputs (step.env):
#   DATA_DIR, SERVICE_USER, DOWNLOAD, DATABASE, ROLE  see database.sh
#   IMAGE          container image with Postgres and Patroni
#   BASE           image to build it from with Containerfile; empty if it is given
#   FIRST          true on the host that makes an empty database where there is none; its step runs last
#   HOSTS          how many database hosts there are
# Files beside it: patroni.yml patroni-dynamic.yml guard.json guard.py postgresql.conf pg_hba.conf pg_ident.conf
#   k3s-postgres.container Containerfile uninstall-database.sh switchover.sh promote.sh
# Argument: folder with ca.crt, server.crt, server.key, member.crt and member.key
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-database-container.sh
. "$here/lib-database-container.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-patroni.sh
. "$here/lib-patroni.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly unit=k3s-postgres.service data=$DATA_DIR/cluster/data unprepared=$DATA_DIR/cluster/unprepared
# Changes that a restart takes up, and those for which a reload does.
readonly needs_restart=k3s-postgres.restart needs_reload=k3s-postgres.reload

main() {
  local secrets=$1
  : "${IMAGE:?}" "${DOWNLOAD:?}" "${DATABASE:?}" "${ROLE:?}" "${FIRST:?}" "${HOSTS:?}"
  place_uninstaller
  database_user
  image
  require_same_major "$data"
  require_same_major "$DATA_DIR/data"
  configuration "$secrets"
  service_folder "$DATA_DIR/cluster"
  wait_until 180 etcd_answers ||
    fatal "etcd has no majority, without which there is no primary; nothing was changed: see 'k3s-cdk status' and 'journalctl CONTAINER_NAME=k3s-etcd' on its hosts"
  programs
  take_over
  first_database
  replication_role
  service
  cluster
}

image() {
  as_database podman image exists "$IMAGE" && return
  if [[ -z $BASE ]]; then
    fetch_image "$IMAGE"
    return
  fi
  fetch_image "$BASE"
  info "building $IMAGE from $BASE"
  under_manager timeout 1800 podman build --quiet --pull=never --network=host --build-arg "BASE=$BASE" --tag "$IMAGE" - \
    <"$here/Containerfile" >/dev/null ||
    fatal "image '$IMAGE' cannot be built (podman's output is above): check the proxy and that this host reaches the package servers of its base, or name an image with Postgres and Patroni as 'database.patroni.image' (docs/database.md)"
}

configuration() {
  local secrets=$1 next=$DATA_DIR/config.next name
  service_folder "$DATA_DIR/config"
  rm -rf "$next"
  service_folder "$next"
  for name in postgresql.conf pg_hba.conf pg_ident.conf; do install_for_service "$here/$name" "$next/$name"; done
  for name in ca.crt server.crt server.key; do install_for_service "$secrets/$name" "$next/$name"; done
  check_settings "$next"
  rm -f "$next"/{postgresql,pg_hba,pg_ident}.conf
  for name in member.crt member.key; do install_for_service "$secrets/$name" "$next/$name"; done
  for name in patroni.yml patroni-dynamic.yml guard.json guard.py; do install_for_service "$here/$name" "$next/$name"; done
  for name in "$next"/*; do
    place_file 0600 "$SERVICE_USER:$SERVICE_USER" "$name" "$DATA_DIR/config/${name##*/}" "$needs_reload"
  done
  rm -rf "$next"
}

# Knows where the data is, whatever cluster.yaml says by then.
place_uninstaller() {
  sed -i "s|@DATA_DIR@|$(printf '%q' "$DATA_DIR")|; s|@SERVICE_USER@|$SERVICE_USER|" "$here/uninstall-database.sh"
  place_file 0755 root:root "$here/uninstall-database.sh" /usr/local/lib/k3s-cdk/uninstall.d/40-database
}

# What people run on this host, mostly by `k3s-cdk database`.
programs() {
  local tools=/usr/local/lib/k3s-cdk/database file
  install -d -m 0700 "$tools"
  for file in switchover.sh promote.sh; do place_file 0755 root:root "$here/$file" "$tools/$file"; done
  for file in lib.sh lib-database-user.sh lib-postgres.sh lib-patroni.sh; do
    place_file 0644 root:root "$here/$file" "$tools/$file"
  done
  place_file 0600 root:root "$here/step.env" "$tools/member.env"
}

# guard COMMAND: in a container of its own, which must not put its label on the files of the other.
guard() {
  one_shot --network host --security-opt label=disable --volume "$DATA_DIR/config:/etc/patroni:ro" --volume "$DATA_DIR/cluster:/var/lib/patroni" \
    /usr/bin/python3 /etc/patroni/guard.py "$1"
}

etcd_answers() { guard reaches-etcd >/dev/null 2>&1; }

# What a single Postgres has left; from here to the start of the service is the only time without a database.
take_over() {
  [[ -e $DATA_DIR/data ]] || return 0
  [[ ! -e $data ]] ||
    fatal "'$DATA_DIR/data' is of a single Postgres and '$data' of several: move away the one that is not needed"
  info "Patroni takes over $DATA_DIR/data"
  as_database systemctl --user stop "$unit" 2>/dev/null || true
  as_database touch "$unprepared"
  mv -T "$DATA_DIR/data" "$data"
  sync -f "$DATA_DIR/cluster"
  mark_changed "$needs_restart"
}

first_database() {
  local new
  [[ $FIRST == true && ! -e $data ]] || return 0
  new=$(guard new) || fatal "another database host cannot be asked whether it has a database (its answer is above): start it, then apply again"
  [[ $new == yes ]] || return 0
  as_database touch "$unprepared"
  empty_database "$data"
}

# Patroni cannot tell the timeline of data without this role, and makes no primary of it then. For data that it has never
# had; copies of the primary have the role.
replication_role() {
  [[ -e $unprepared ]] || return 0
  # A second server would not notice the first, which is in another container.
  as_database systemctl --user stop "$unit" 2>/dev/null || true
  # systemd-run makes one of two dollar signs, so the block is in quotes. An error is told by no exit code.
  # shellcheck disable=SC2016 # of the container's shell
  one_shot --network none --volume "$data:/var/lib/postgresql/data:Z" sh -c \
    'echo "$0" | postgres --single -D /var/lib/postgresql/data postgres 2>&1 >/dev/null | tee /dev/stderr | { ! grep -E "ERROR|FATAL|PANIC"; }' \
    "DO 'BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ''replicator'') THEN CREATE ROLE replicator LOGIN REPLICATION; END IF; END'" >&2 ||
    fatal "Postgres cannot be prepared for Patroni (its output is above): apply again"
  rm -f "$unprepared"
}

service() {
  local unit_folder=$DATA_DIR/home/.config/containers/systemd
  as_database mkdir -p "$unit_folder"
  place_file 0644 "$SERVICE_USER:$SERVICE_USER" "$here/k3s-postgres.container" \
    "$unit_folder/k3s-postgres.container" "$needs_restart"
  as_database systemctl --user daemon-reload
  if ! as_database systemctl --user --quiet is-active "$unit"; then
    start
  elif is_changed "$needs_restart"; then
    hand_over
    start
  elif is_changed "$needs_reload"; then
    reload
  fi
  clear_changed "$needs_restart"
  clear_changed "$needs_reload"
}

start() {
  info "starting $unit"
  as_database systemctl --user reset-failed "$unit" 2>/dev/null || true
  as_database systemctl --user restart "$unit" || postgres_failed "cannot be started"
}

# Patroni reads its configuration and certificates again, and has Postgres do the same.
reload() {
  as_database podman kill --signal HUP k3s-postgres >/dev/null || postgres_failed "cannot be told to read its configuration"
  wait_until 60 answers || return 0
  sql 'SELECT pg_reload_conf()' >/dev/null
  info "reloaded the configuration"
}

# What the hosts have in common, made by whichever is the primary.
cluster() {
  wait_until 120 patroni_answers || postgres_failed "has a Patroni that does not answer"
  if [[ $FIRST == true ]]; then
    wait_until 300 has_leader || postgres_failed "has no primary on any host"
  elif [[ ! -e $data ]] || ! wait_until 60 has_leader; then
    # The first host's step comes last, and brings the database or the newest data.
    info "Patroni runs, and waits for a primary"
    return 0
  fi
  if is_leader; then
    roles
    k3s_database
  fi
  patronictl edit-config k3s --force --quiet --replace /etc/patroni/patroni-dynamic.yml </dev/null >&2 ||
    fatal "Patroni does not take its settings (its reason is above): correct 'database.settings' in cluster.yaml"
  sleep 2
  wait_until 60 answers || postgres_failed "does not answer"
  restart_if_pending
  [[ $FIRST != true ]] || complete
}

patroni_answers() { [[ -n $(members) ]]; }

roles() {
  local function
  [[ -n $(sql "SELECT 1 FROM pg_roles WHERE rolname = 'rewind'") ]] || sql 'CREATE ROLE rewind LOGIN'
  # What pg_rewind calls (PostgreSQL manual, pg_rewind, "Notes").
  for function in 'pg_ls_dir(text, boolean, boolean)' 'pg_stat_file(text, boolean)' 'pg_read_binary_file(text)' \
    'pg_read_binary_file(text, bigint, bigint, boolean)'; do
    sql "GRANT EXECUTE ON FUNCTION pg_catalog.$function TO rewind"
  done
}

k3s_database() {
  [[ -n $(sql "SELECT 1 FROM pg_roles WHERE rolname = '$ROLE'") ]] || sql "CREATE ROLE $ROLE LOGIN"
  # The server's own is for standbys.
  sql "ALTER ROLE $ROLE SET tcp_user_timeout = '15s'"
  [[ -n $(sql "SELECT 1 FROM pg_database WHERE datname = '$DATABASE'") ]] || sql "CREATE DATABASE $DATABASE OWNER $ROLE"
}

restart_if_pending() {
  local pending
  pending=$(sql "SELECT string_agg(name, ' ') FROM pg_settings WHERE pending_restart")
  [[ -n $pending ]] || return 0
  info "a restart is needed for: $pending"
  hand_over
  patronictl restart k3s "$HOST" --force </dev/null >&2 || postgres_failed "is not restarted by Patroni"
  wait_until 300 answers || postgres_failed "does not answer after 5 minutes"
}

# All hosts take part, and one of the standbys has everything.
complete() {
  wait_until 900 all_run ||
    fatal "not all database hosts take part after 15 minutes: $(members | tr '\n' ';') see 'k3s-cdk status' and 'journalctl CONTAINER_NAME=k3s-postgres' on those that are missing"
  info "Postgres runs on all $HOSTS database hosts, $(leader) is the primary, $(standby) has everything too"
}

all_run() {
  [[ $(members | awk '$3 == "running" || $3 == "streaming"' | wc -l) == "$HOSTS" ]] && has_standby
}

main "$@"
