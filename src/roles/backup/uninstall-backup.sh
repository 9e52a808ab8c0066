#!/usr/bin/env bash
# Uninstalls the backup programs and timer from this host; the backups stay. Installed by the backup step, run when the
# host leaves the cluster.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib-uninstall.sh
. "$here/lib-uninstall.sh"

readonly tools=/usr/local/libexec/k3s-cdk/database state=/var/lib/k3s-cdk/backup

main() {
  remove_unit k3s-cdk-backup.timer
  remove_unit k3s-cdk-backup.service
  remove_unit k3s-cdk-drill.service
  rm -rf /var/cache/k3s-cdk-restic
  rm -f /var/lib/k3s-cdk/records/database-backup{,.unfinished}
  find "$tools" "$state" -maxdepth 1 -type f -delete 2>/dev/null || true
  rmdir "$tools" "${tools%/*}" "$state" 2>/dev/null || true
  rm -f "$0"
}

main "$@"
