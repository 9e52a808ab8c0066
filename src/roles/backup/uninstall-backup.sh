#!/usr/bin/env bash
# Takes the backups' programs and timer off this host; the backups stay. Installed by the backup step, run when the
# host leaves the cluster.
set -euo pipefail
umask 022

readonly tools=/usr/local/lib/k3s-cdk/database state=/var/lib/k3s-cdk/backup

main() {
  systemctl disable --now k3s-cdk-backup.timer 2>/dev/null || true
  systemctl stop k3s-cdk-backup.service 2>/dev/null || true
  rm -f /etc/systemd/system/k3s-cdk-backup.{service,timer} /var/lib/k3s-cdk/records/database-backup{,.unfinished}
  find "$tools" "$state" -maxdepth 1 -type f -delete 2>/dev/null || true
  rmdir "$tools" "$state" 2>/dev/null || true
  systemctl daemon-reload
  systemctl reset-failed k3s-cdk-backup.service 2>/dev/null || true
  rm -f "$0"
}

main "$@"
