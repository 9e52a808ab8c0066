#!/usr/bin/env bash
# Makes a machine fit for its roles.
#
# Inputs (step.env):
#   ROLES  roles of the host, separated by blanks
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=src/hosts/scripts/lib.sh
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/step.env"

main() {
  : "${ROLES:?}"
  info "prepared for: $ROLES"
}

main "$@"
