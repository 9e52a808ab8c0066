# shellcheck shell=bash
# Queries Postgres: the one in the container here, as its superuser, or where the variables of libpq say, as k3s's user.
# Needs lib.sh, and lib-database-user.sh for the container.

# sql STATEMENT [DATABASE]
sql() {
  in_postgres env PGOPTIONS='-c client_min_messages=warning' psql -XAtq -v ON_ERROR_STOP=1 \
    -d "${2:-${PGDATABASE:-postgres}}" -c "$1" </dev/null
}

# in_postgres COMMAND...: one of its programs, with this process's standard input and output.
in_postgres() {
  if [[ -n ${PGHOST:-} ]]; then
    over_network "$@"
  else
    as_database podman exec --interactive k3s-postgres env PGHOST=/tmp PGUSER=postgres "$@"
  fi
}

# DATASTORE_CA is a file, or 'system' for the bundle that this system has; libpq knows that word since version 16.
over_network() {
  (
    PGSSLROOTCERT=$(authorities)
    # Also those that step.env has set.
    export PGSSLROOTCERT "${!PG@}"
    exec "$@"
  )
}

authorities() {
  local file
  for file in "${DATASTORE_CA:?}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
    [[ ! -e $file ]] || break
  done
  printf '%s\n' "$file"
}

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
