#!/usr/bin/env bash
# Replaces the database with a backup, in two parts: the first can be done while k3s runs, the second takes a moment and
# needs k3s stopped. Installed on the database host by the backup step; `k3s-cdk restore` runs it.
#
# Arguments:
#   primary  only reports whether this host is the primary
#   load  reads a backup from standard input, not encrypted, checks it and loads it into a database beside the one in
#         use. Its last line: 'loaded', or 'restored already' when that very backup is in use and nothing
#         has been written to it since; 'same' or 'other', whether the certificate authorities of k3s in it are those of
#         the database that it replaces; and the number of objects in that one
#   swap  gives it the name of the one in use, which is kept under another name until the next restore
# Exits 76 if another database host is the primary.
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-kine.sh
. "$here/lib-kine.sh"
# shellcheck source=lib-token.sh
. "$here/lib-token.sh"
# shellcheck source=lib-open-backup.sh
. "$here/lib-open-backup.sh"
# shellcheck source=/dev/null
. "$here/backup.env"
: "${DATA_DIR:?}" "${DATABASE:?}"

# That of k3s is renamed.
readonly PGDATABASE=postgres
readonly work=$DATA_DIR/restore.work loaded=${DATABASE}_restored before=${DATABASE}_before_restore

main() {
  wait_until 60 answers || fatal "Postgres does not answer: see 'k3s-cdk status'"
  ! is_standby || exit "$not_the_primary"
  case $1 in
    load) load ;;
    swap) swap ;;
    primary) ;;
    *) fatal "'$1' is not one of load, swap and primary" ;;
  esac
}

load() {
  local id owner
  trap 'rm -rf "$work"' EXIT
  rm -rf "$work"
  mkdir "$work"
  require_space "$work" 0 "a restore"
  unpack
  check
  id=$(sum "$work/k3s.dump")
  # Compressed, a dump is a fraction of its database.
  require_space "$work" "$(($(stat -c %s "$work/k3s.dump") * 8 / 1048576))" "a restore"
  if [[ $(last_restore) == "$id $(newest_revision "$DATABASE")" ]]; then
    echo "restored already, $(authority "$DATABASE" "$before"), $(objects "$DATABASE")"
    return
  fi
  [[ $(sql 'SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user') == t ]] ||
    fatal "a backup is loaded into a database beside the one in use, and '${PGUSER:-}' may not create one: run 'ALTER ROLE \"${PGUSER:-}\" CREATEDB' as the administrator of the server, then try again; nothing was changed"
  owner=$(sql "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '$DATABASE'")
  [[ -n $owner ]] || fatal "there is no database '$DATABASE' yet: apply the database step of this host first, or create it where it is"
  sql "DROP DATABASE IF EXISTS $loaded"
  sql "CREATE DATABASE $loaded OWNER \"$owner\" TEMPLATE template0"
  in_postgres pg_restore --dbname="$loaded" --no-owner --role="$owner" --exit-on-error \
    --single-transaction <"$work/k3s.dump" || fatal "the backup cannot be loaded (the reason is above); nothing was changed"
  has_kine "$loaded" || fatal "the backup has no data of k3s in it: it was made before k3s started first; nothing was changed"
  # Last: a database with this note is complete.
  sql "COMMENT ON DATABASE $loaded IS '$id'"
  echo "loaded, $(authority "$loaded" "$DATABASE"), $(objects "$DATABASE")"
}

check() {
  local made_by here_is
  [[ $(token_hash "$work/token") == "$(token_hash "$here/token")" ]] ||
    fatal "the backup is of a cluster with another token: nothing was changed"
  made_by=$(grep -oP '"postgres": *\K[0-9]+' "$work/manifest.json")
  here_is=$(($(sql 'SHOW server_version_num') / 10000))
  ((made_by <= here_is)) ||
    fatal "the backup is of Postgres $made_by and the database is $here_is: it takes version $made_by or newer, which 'database.image' is for if it runs on this host"
}

# Recorded in the database by `swap`: the backup, and the revision it started with.
last_restore() { sql "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$DATABASE'"; }

swap() {
  local id revision old
  id=$(sql "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$loaded'")
  [[ -n $id ]] || fatal "no backup has been loaded: run 'k3s-cdk restore' again"
  trap 'let_in 9>&- 2>/dev/null || true' EXIT
  # A server that still runs somewhere must not write in between. The limit holds for all but superusers; without one, a
  # connection in between makes the renaming fail.
  [[ $(sql "SELECT current_setting('is_superuser')") == off ]] || sql "ALTER DATABASE $DATABASE CONNECTION LIMIT 0"
  sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname IN ('$DATABASE', '$loaded') AND pid <> pg_backend_pid() AND pg_has_role(usesysid, 'MEMBER')" >/dev/null
  old=$(newest_revision "$DATABASE")
  revision=$(newest_revision "$loaded")
  ((old <= revision)) || revision=$old
  revision=$((revision + revisions_ahead))
  forget_revisions "$loaded" "$revision"
  sql "DROP DATABASE IF EXISTS $before"
  # In one transaction, so that there is always a database of that name.
  sql "BEGIN; ALTER DATABASE $DATABASE RENAME TO $before; ALTER DATABASE $loaded RENAME TO $DATABASE;
    COMMENT ON DATABASE $DATABASE IS '$id $revision'; COMMIT"
  info "the database is restored; the previous one is kept as '$before' until the next restore"
}

let_in() {
  local name
  for name in "$DATABASE" "$before"; do
    [[ -z $(sql "SELECT 1 FROM pg_database WHERE datname = '$name'") ]] || sql "ALTER DATABASE $name CONNECTION LIMIT -1"
  done
}

take_backup_lock
main "$@" 9>&-
