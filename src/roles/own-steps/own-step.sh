#!/usr/bin/env bash
# Runs a script of the user's own. Its uninstaller is kept here, for when the step is no longer in cluster.yaml.
#
# Inputs (step.env):
#   OWN_STEP  name of the step
#   ORDER     two digits; uninstallers run from the highest to the lowest
# Argument: folder with secrets (optional)
# Files beside it: own-NAME.sh, uninstall-NAME.sh, and the user's
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/step.env"

# A script that hangs would hold up the apply forever.
readonly limit=1800

main() {
  local uninstaller other status=0
  : "${OWN_STEP:?}" "${ORDER:?}"
  uninstaller=/usr/local/lib/k3s-cdk/uninstall.d/$ORDER-own-$OWN_STEP
  for other in /usr/local/lib/k3s-cdk/uninstall.d/9[0-9]-own-"$OWN_STEP"; do
    [[ $other == "$uninstaller" ]] || remove_file "$other"
  done
  # First: what a run that dies has done can be undone.
  place_file 0755 root:root "$here/uninstall-$OWN_STEP.sh" "$uninstaller"
  timeout --kill-after=10 "$limit" bash "$here/own-$OWN_STEP.sh" "$@" || status=$?
  case $status in
    0) ;;
    124) fatal "the script of step '$OWN_STEP' was still running after $((limit / 60)) minutes, and was ended: see what it waits for, then apply again" ;;
    *) fatal "the script of step '$OWN_STEP' ended with status $status (its own message is above): fix the cause, then apply again" ;;
  esac
}

main "$@"
