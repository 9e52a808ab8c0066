#!/usr/bin/env bash
# Air gap: puts archives of Helm charts where k3s servers serve them, at /static/charts of the API.
#
# Inputs (step.env):
#   ARCHIVES  file names, separated by blanks
# Argument: folder with the archives
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly charts=/var/lib/rancher/k3s/server/static/charts

main() {
  local archives archive
  read -ra archives <<<"${ARCHIVES:?}"
  for archive in "${archives[@]}"; do
    place_file 0644 root:root "${1:?}/$archive" "$charts/$archive"
  done
}

main "$@"
