#!/usr/bin/env bash
# Ends that this host looks after itself and calls somebody. Installed by the watch step, run when the host leaves the
# cluster, or calls nobody any more.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib-uninstall.sh
. "$here/lib-uninstall.sh"

main() {
  remove_unit k3s-cdk-watch.timer
  remove_unit k3s-cdk-watch.service
  rm -f /var/lib/k3s-cdk/records/watch{,.unfinished}
  find /usr/local/libexec/k3s-cdk/watch /var/lib/k3s-cdk/watch /run/k3s-cdk-watch -maxdepth 1 -type f -delete 2>/dev/null || true
  rmdir /usr/local/libexec/k3s-cdk/{watch,} /var/lib/k3s-cdk/watch /run/k3s-cdk-watch 2>/dev/null || true
  rm -f "$0"
}

main "$@"
