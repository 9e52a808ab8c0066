#!/usr/bin/env bash
# Moves the primary to another database host, within moments and without loss. Installed by the database step; `k3s-cdk
# database
# switchover` runs it on any of the hosts.
#
# Argument: the host that becomes the primary; without one, the synchronous standby
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
  local from to=${1:-}
  from=$(leader)
  [[ -n $from ]] || fatal "there is no primary that could hand over: see 'k3s-cdk status'"
  if [[ $to == "$from" ]]; then
    info "$to is the primary already"
    return 0
  fi
  if [[ -z $to ]]; then
    to=$(standby)
    [[ -n $to ]] || fatal "no other database host has everything that '$from' has: see 'k3s-cdk status'"
  fi
  switch_over "$from" "$to"
  wait_until 60 is_leading "$to" || fatal "'$to' has not become the primary within a minute: see 'k3s-cdk status'"
  info "$to is the primary now"
}

is_leading() { [[ $(leader) == "$1" ]]; }

main "$@"
