#!/usr/bin/env bash
# Makes this database host the primary even if another one has newer data, which is then lost. Needed only when a host
# that was the primary without a standby does not come back. Installed by the database step; `k3s-cdk database promote`
# runs it.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-patroni.sh
. "$here/lib-patroni.sh"
# shellcheck source=/dev/null
. "$here/member.env"
: "${HOST:?}" "${DATA_DIR:?}" "${SERVICE_USER:?}"

main() {
  local from
  from=$(leader)
  [[ -z $from ]] || fatal "'$from' is the primary: nothing was changed"
  [[ -e $DATA_DIR/cluster/data/PG_VERSION ]] || fatal "there is no data on this host: promote the one that has some"
  wait_until 60 can_be_asked ||
    fatal "Postgres here does not run as a standby, so it cannot become the primary; nothing was changed: see 'journalctl CONTAINER_NAME=k3s-postgres' on it"
  patronictl failover k3s --candidate "$HOST" --force </dev/null >&2 ||
    fatal "Patroni does not make this host the primary (its reason is above)"
  wait_until 120 is_leader ||
    fatal "this host has not become the primary within two minutes: see 'journalctl CONTAINER_NAME=k3s-postgres' on it"
  info "$HOST is the primary now"
}

can_be_asked() { members | awk -v host="$HOST" '$1 == host && ($3 == "running" || $3 == "streaming" || $3 == "in_archive_recovery") { found = 1 } END { exit !found }'; }

main "$@"
