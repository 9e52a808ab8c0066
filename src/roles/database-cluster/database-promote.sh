#!/usr/bin/env bash
# Lets this database host become the primary although another one may have newer data, which is lost then. Needed only
# when etcd has forgotten everything, after a power cut, and a database host does not come back. Installed by the
# database step; `k3s-cdk database promote` runs it.
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
  as_database touch "$DATA_DIR/cluster/promote-anyway"
  # It tries again every 20 seconds.
  wait_until 120 is_leader ||
    fatal "this host has not become the primary within two minutes: see 'journalctl CONTAINER_NAME=k3s-postgres' on it"
  info "$HOST is the primary now"
}

main "$@"
