#!/usr/bin/env bash
# Behaves as the entry point of docker.io/library/postgres where k3s-cdk depends on it, written from its
# documentation: PGDATA, POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD, POSTGRES_INITDB_ARGS,
# POSTGRES_HOST_AUTH_METHOD, the _FILE forms, /docker-entrypoint-initdb.d, and dropping root.
set -euo pipefail

main() {
	[[ ${1:-} != -* ]] || set -- postgres "$@"
	if [[ ${1:-} == postgres ]]; then
		become_postgres "$@"
		from_files POSTGRES_USER POSTGRES_DB POSTGRES_PASSWORD POSTGRES_INITDB_ARGS
		[[ -s $PGDATA/PG_VERSION ]] || initialise
	fi
	exec "$@"
}

become_postgres() {
	mkdir -p "$PGDATA"
	[[ $(id -u) == 0 ]] || return 0
	chown -R postgres:postgres "$PGDATA"
	chmod 0700 "$PGDATA"
	exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
}

from_files() {
	local name file
	for name in "$@"; do
		file=${name}_FILE
		[[ -z ${!file:-} ]] || printf -v "$name" %s "$(<"${!file}")"
	done
}

initialise() {
	local user=${POSTGRES_USER:-postgres} method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
	local database=${POSTGRES_DB:-$user}
	if [[ -z ${POSTGRES_PASSWORD:-} && $method != trust ]]; then
		echo 'error: database is uninitialized and POSTGRES_PASSWORD is not set' >&2
		exit 1
	fi
	# shellcheck disable=SC2086 # a list of arguments
	initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}") ${POSTGRES_INITDB_ARGS:-}
	printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

	# On the socket only: nobody connects to a database that is not ready.
	pg_ctl --wait --options="-c listen_addresses=''" start
	if [[ $database != postgres ]]; then
		createdb --username="$user" --maintenance-db=postgres "$database"
	fi
	init_files "$user" "$database"
	pg_ctl --wait --mode=fast stop
}

init_files() {
	local file
	# shellcheck disable=SC1090 # the user's files
	for file in /docker-entrypoint-initdb.d/*; do
		case $file in
		*.sh) if [[ -x $file ]]; then "$file"; else source "$file"; fi ;;
		*.sql) psql --set=ON_ERROR_STOP=1 --no-psqlrc --username="$1" --dbname="$2" --file="$file" ;;
		*.sql.gz) gunzip --stdout "$file" | psql --set=ON_ERROR_STOP=1 --no-psqlrc --username="$1" --dbname="$2" ;;
		esac
	done
}

main "$@"
