#!/usr/bin/env bash
# Makes a backup: the database and the token of k3s in one file, encrypted if there are recipients. Installed on the
# database host by the backup step, with its inputs in backup.env beside it.
#
# Argument: '-' to write the file to standard output, its checksum to standard error, and keep nothing; without one it is
#   kept in BACKUP_DIR and old ones are removed
# Exits 76 if it should write the file but another database host is the primary.
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
# shellcheck source=lib-backup-file.sh
. "$here/lib-backup-file.sh"
# shellcheck source=lib-backup-folder.sh
. "$here/lib-backup-folder.sh"
# shellcheck source=lib-offsite.sh
. "$here/lib-offsite.sh"
# shellcheck source=/dev/null
. "$here/backup.env"
: "${HOST:?}" "${CLUSTER:?}" "${DATA_DIR:?}" "${DATABASE:?}" "${BACKUP_DIR:?}"
: "${KEEP_LAST:?}" "${KEEP_DAILY:?}" "${KEEP_WEEKLY:?}"

readonly state=/var/lib/k3s-cdk/backup/last.json work=$DATA_DIR/backup.work
created=$(date -u +%Y%m%dT%H%M%SZ)
readonly created
is_stored=''

main() {
  trap 'rm -rf "$work" "$work.file"' EXIT
  wait_until 60 answers || fatal "Postgres does not answer: see 'k3s-cdk status'"
  [[ -z ${PGHOST:-} ]] || require_dump_program
  if is_standby; then
    # One backup is enough: the primary makes it.
    [[ ${1:-} != - ]] || exit "$not_the_primary"
    info "another database host is the primary, and makes the backup"
    exit 0
  fi
  if [[ ${1:-} == - ]]; then
    # Keeps messages out of the file.
    exec 3>&1 1>&2
    archive >"$work.file"
    info "sha256 $(sum "$work.file")"
    cat "$work.file" >&3
  else
    trap 'finished $?' EXIT
    mount_export
    store
    is_stored=yes
    remove_old
    [[ -z ${OFFSITE:-} ]] || send_offsite "$(stored)"
  fi
}

# It dumps no server that is newer than itself.
require_dump_program() {
  local server program
  server=$(($(sql 'SHOW server_version_num') / 10000))
  program=$(pg_dump --version | grep -oE '[0-9]+' | head -n 1)
  ((program >= server)) ||
    fatal "the database is Postgres $server, and 'pg_dump' of this host is of version $program, which cannot dump it: install the client of version $server from Postgres's own packages (postgresql.org/download), or set 'database.backup.enabled' to false"
}

# A file reports to `k3s-cdk status`: {"lastSuccess", "file", "bytes"} of the last good one, "lastFailure" if one has
# failed since; "offsite", the last one that was copied elsewhere, and "offsiteFailure"; times in ISO 8601, null for never.
finished() {
  local status=$1 last=null bytes=null failure=null name=null offsite=null offsite_failure=null time
  rm -rf "$work"
  time="\"$(date -u -d "${created:0:8} ${created:9:2}:${created:11:2}:${created:13:2}" +%FT%TZ)\""
  [[ ! -e $state ]] || offsite=$(grep -oP '"offsite": *\K("[^"]*"|null)' "$state") || offsite=null
  if ((status == 0)) || [[ -n $is_stored ]]; then
    last=$time name="\"$(stored)\"" bytes=$(stat -c %s "$(stored)")
    if [[ -z ${OFFSITE:-} ]]; then
      offsite=null
    elif ((status == 0)); then
      offsite=$time
    else
      offsite_failure=$time
    fi
  else
    failure=$time
    if [[ -e $state ]]; then
      last=$(grep -oP '"lastSuccess": *\K("[^"]*"|null)' "$state") || last=null
      name=$(grep -oP '"file": *\K("[^"]*"|null)' "$state") || name=null
      bytes=$(grep -oP '"bytes": *\K([0-9]+|null)' "$state") || bytes=null
    fi
  fi
  printf '{ "lastSuccess": %s, "file": %s, "bytes": %s, "lastFailure": %s, "offsite": %s, "offsiteFailure": %s }\n' \
    "$last" "$name" "$bytes" "$failure" "$offsite" "$offsite_failure" >"$state.next"
  mv -fT "$state.next" "$state"
}

take_backup_lock
main "$@" 9>&-
