# shellcheck shell=bash
# Queries the running Postgres as its superuser. Needs lib-database-user.sh.

# sql STATEMENT [DATABASE]
sql() {
  in_postgres env PGOPTIONS='-c client_min_messages=warning' psql -XAtq -v ON_ERROR_STOP=1 -h /tmp -U postgres \
    -d "${2:-postgres}" -c "$1" </dev/null
}

# in_postgres COMMAND...: in its container, with this process's standard input and output.
in_postgres() { as_database podman exec --interactive k3s-postgres "$@"; }

answers() { sql 'SELECT 1' >/dev/null 2>&1; }

# is_standby: whether Postgres here follows another host's. Programs then exit with the status below.
is_standby() { [[ $(sql 'SELECT pg_is_in_recovery()') == t ]]; }
# shellcheck disable=SC2034 # of those who source this
not_the_primary=76

# free_mb FOLDER
free_mb() { df --output=avail --block-size=1M "$1" | tail -n 1 | tr -d ' '; }

# require_space FOLDER MEGABYTES WHAT: that much and a reserve, because a full disk stops Postgres, or the system.
require_space() {
  local free need=$(($2 + 256))
  free=$(free_mb "$1")
  ((free >= need)) ||
    fatal "$3 needs $need MB in '$1', which has $free MB: remove files there ('du -xh $1 | sort -h'), then try again"
}
