#!/usr/bin/env bash
# Gets a backup from elsewhere. Installed on the database host by the backup step; `k3s-cdk restore --offsite` runs it.
#
# Argument: name of the backup; without one, the newest. Writes it to standard output, its name to standard error.
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-offsite.sh
. "$here/lib-offsite.sh"
# shellcheck source=/dev/null
. "$here/backup.env"

main() {
  local names wanted=${1:-}
  [[ -n ${OFFSITE:-} ]] || fatal "no backups are kept elsewhere: set 'database.backup.offsite', and apply the hosts"
  names=$(offsite_names)
  [[ -n $names ]] || fatal "there is no backup of '$CLUSTER' in '$OFFSITE'"
  wanted=${wanted:-${names%%$'\n'*}}
  grep -qxF -- "$wanted" <<<"$names" ||
    fatal "there is no '$wanted' in '$OFFSITE', but $(head -n 20 <<<"$names" | paste -sd ' ')"
  printf 'name %s\n' "$wanted" >&2
  from_offsite "$wanted"
}

main "$@"
