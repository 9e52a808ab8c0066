#!/usr/bin/env bash
# Has this host look after itself and call somebody: installs the program, the timer that starts it, and the addresses.
#
# Inputs (step.env): those of watch.sh
#   LIBRARIES  files that watch.sh sources
# Files beside it: watch.sh and its libraries, probe.env, probe-host.sh, k3s-cdk-watch.service, k3s-cdk-watch.timer,
#   uninstall-watch.sh
# Argument: folder with `problems` or `heartbeat`, or both
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly tools=/usr/local/libexec/k3s-cdk/watch units=/etc/systemd/system

main() {
  local file
  install_step_packages
  install -d -m 0700 "$tools" /var/lib/k3s-cdk/watch
  place_file 0755 root:root "$here/uninstall-watch.sh" /usr/local/lib/k3s-cdk/uninstall.d/30-watch
  for file in ${LIBRARIES:?} probe.env probe-host.sh; do place_file 0600 root:root "$here/$file" "$tools/$file"; done
  place_file 0600 root:root "$here/step.env" "$tools/watch.env"
  for file in problems heartbeat; do
    if [[ -e $1/$file ]]; then
      place_file 0600 root:root "$1/$file" "$tools/$file"
    else
      remove_file "$tools/$file"
    fi
  done
  place_file 0755 root:root "$here/watch.sh" "$tools/watch.sh"
  place_file 0644 root:root "$here/k3s-cdk-watch.service" "$units/k3s-cdk-watch.service" k3s-cdk-watch.timer
  place_file 0644 root:root "$here/k3s-cdk-watch.timer" "$units/k3s-cdk-watch.timer" k3s-cdk-watch.timer
  start_unit k3s-cdk-watch.timer "see 'systemctl status k3s-cdk-watch.timer' on the host"
}

main "$@"
