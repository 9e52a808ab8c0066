# shellcheck shell=bash
# Upgrades to another major version of Postgres: the old version's own image dumps everything, which is loaded into an
# empty database of the new one, with nobody connected meanwhile. The old data is kept beside it. Needs lib.sh,
# lib-database-user.sh,
# lib-postgres.sh, DATA_DIR, SERVICE_USER, IMAGE, DATABASE.

# Where both images find things.
readonly upgrade_data=/var/lib/postgresql/data upgrade_config=/etc/postgresql upgrade_work=/upgrade

# upgrade_major: afterwards the data has the version of IMAGE; if it cannot be upgraded, the step fails.
upgrade_major() {
  local have want old kept
  : "${DATA_DIR:?}" "${IMAGE:?}"
  finish_exchange
  [[ -e $DATA_DIR/data/PG_VERSION ]] || return 0
  have=$(<"$DATA_DIR/data/PG_VERSION")
  want=$(major_of "$IMAGE")
  [[ $have != "$want" ]] || return 0
  kept=$DATA_DIR/data.postgres-$have
  ((have < want)) ||
    fatal "'$DATA_DIR/data' is of Postgres $have and image '$IMAGE' is Postgres $want, which cannot read it: keep an image of version $have; the way back to data that an upgrade has kept is in docs/how-to/changes.md"
  [[ ! -e $kept ]] || fatal "'$kept' is there from an earlier upgrade: move it away, then apply again"
  old=$(sed -n 's/^Image=//p' "$DATA_DIR/home/.config/containers/systemd/k3s-postgres.container" 2>/dev/null || true)
  if [[ -z $old ]] || ! as_database podman image exists "$old" || [[ $(major_of "$old") != "$have" ]]; then
    fatal "'$DATA_DIR/data' is of Postgres $have, image '$IMAGE' is Postgres $want, and no image of $have is here to read it: set 'database.image' to one and apply, then to '$IMAGE' and apply again"
  fi
  # The text of a dump is larger than the table, and the new data is placed beside the old.
  require_space "$DATA_DIR" "$(($(du -sm "$DATA_DIR/data" | cut -f1) * 3))" "an upgrade of Postgres"
  info "upgrading Postgres $have to $want: the API does not answer until it is done, pods run on"
  trap old_again EXIT
  as_database systemctl --user stop k3s-postgres.service ||
    fatal "Postgres does not stop: see 'journalctl CONTAINER_NAME=k3s-postgres'"
  dump_with "$old"
  load_with "$IMAGE"
  exchange_data "$kept"
  trap - EXIT
  info "Postgres $have is upgraded to $want; the old data is kept in '$kept' until you remove it"
}

# major_of IMAGE
major_of() { container_of "$1" postgres --version | grep -oE '[0-9]+' | head -n 1; }

# container_of IMAGE [PODMAN-OPTION...] COMMAND...: in a container of its own without network. Options as --name=value.
container_of() {
  local image=$1
  local -a options=()
  shift
  while [[ $1 == --* ]]; do
    options+=("$1")
    shift
  done
  under_manager podman run --rm --quiet --userns=keep-id --network=none --pull=never --shm-size=256m --entrypoint= "${options[@]}" "$image" "$@"
}

# The failure has not touched the old data: start it again, whatever the cause was.
old_again() {
  rm -rf "$DATA_DIR/upgrade.work" "$DATA_DIR/data.next"
  warn "the upgrade of Postgres did not succeed; the old version is started again"
  as_database systemctl --user start k3s-postgres.service || true
}

# Power was lost between the two renames, or before them.
finish_exchange() {
  local new=$DATA_DIR/data.new
  [[ -e $new ]] || return 0
  if [[ -e $DATA_DIR/data ]]; then rm -rf "$new"; else mv -T "$new" "$DATA_DIR/data"; fi
}

# Functions for both containers: an unreachable server, and the values that must be the same before and after.
# shellcheck disable=SC2016 # variables of the container
readonly upgrade_functions='set -e
serve() {
  pg_ctl start --wait --silent --timeout=600 --pgdata="$data" --log=/tmp/log --options="$1" || { tail -n 20 /tmp/log >&2; exit 1; }
}
ask() { psql -XAtq -v ON_ERROR_STOP=1 -h /tmp -U postgres "$@"; }
fingerprint() {
  for name in $(ask -d postgres -c "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"); do
    kine=$(ask -d "$name" -c "SELECT to_regclass('"'public.kine'"') IS NOT NULL")
    [ "$kine" = t ] || continue
    echo "$name $(ask -d "$name" -c "SELECT count(*), coalesce(max(id), 0), coalesce(sum(length(value)), 0) FROM kine")"
  done
}
'

# dump_with IMAGE: into the working folder.
dump_with() {
  rm -rf "$DATA_DIR/upgrade.work"
  service_folder "$DATA_DIR/upgrade.work"
  # shellcheck disable=SC2016
  container_of "$1" --volume="$DATA_DIR/data:$upgrade_data:Z" --volume="$DATA_DIR/config:$upgrade_config:ro,Z" \
    --volume="$DATA_DIR/upgrade.work:$upgrade_work:Z" --env=data="$upgrade_data" sh -c "$upgrade_functions"'
serve "-c config_file=/etc/postgresql/postgresql.conf -c listen_addresses="
fingerprint >/upgrade/before
pg_dumpall --host=/tmp --username=postgres >/upgrade/dump.sql
pg_ctl stop --wait --silent --mode=fast --pgdata="$data"
' >&2 || fatal "the old database cannot be dumped (the reason is above); nothing was changed"
}

# load_with IMAGE: into data.next, which is complete afterwards. The role that every dump begins with already exists.
load_with() {
  service_folder "$DATA_DIR/data.next"
  # shellcheck disable=SC2016
  container_of "$1" --volume="$DATA_DIR/data.next:$upgrade_data:Z" --volume="$DATA_DIR/config:$upgrade_config:ro,Z" \
    --volume="$DATA_DIR/upgrade.work:$upgrade_work:Z" --env=data="$upgrade_data" sh -c "$upgrade_functions"'
initdb --pgdata="$data" --username=postgres --encoding=UTF8 --locale=C --data-checksums --auth-local=peer --auth-host=reject >/dev/null
serve "-c listen_addresses= -c unix_socket_directories=/tmp -c max_wal_size=1GB -c hba_file=/etc/postgresql/pg_hba.conf -c ident_file=/etc/postgresql/pg_ident.conf"
sed "0,/^CREATE ROLE postgres;\$/{//d}" /upgrade/dump.sql | ask -d postgres -f - >/dev/null
fingerprint >/upgrade/after
vacuumdb --all --analyze-only --quiet --host=/tmp --username=postgres
pg_ctl stop --wait --silent --mode=fast --pgdata="$data"
cmp /upgrade/before /upgrade/after
' >&2 || fatal "the dump cannot be loaded into the new database (the reason is above); the old one was not changed"
  sync -f "$DATA_DIR/data.next"
}

# exchange_data NAME: the new data takes the place of the old, which is kept under that name.
exchange_data() {
  mv -T "$DATA_DIR/data.next" "$DATA_DIR/data.new"
  mv -T "$DATA_DIR/data" "$1"
  mv -T "$DATA_DIR/data.new" "$DATA_DIR/data"
  sync -f "$DATA_DIR"
  rm -rf "$DATA_DIR/upgrade.work"
  mark_changed "${needs_restart:?}"
}
