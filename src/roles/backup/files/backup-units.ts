/** Makes one backup. It has its own mounts: an export is mounted only for it. */
export const backupService = `[Unit]
Description=Backup of the database of k3s

[Service]
Type=oneshot
ExecStart=/usr/local/libexec/k3s-cdk/database/make-backup.sh
ExecStartPost=-/usr/local/libexec/k3s-cdk/database/drill.sh start-if-due
PrivateMounts=yes
Nice=10
IOSchedulingClass=idle
TimeoutStartSec=2h
`;

/** Starts it on schedule, and after boot if it was due while the host was off. */
export function backupTimer(schedule: string): string {
  return `[Unit]
Description=Backups of the database of k3s

[Timer]
OnCalendar=${schedule}
Persistent=yes
RandomizedDelaySec=5m

[Install]
WantedBy=timers.target
`;
}

/** Proves that the newest backup can be restored; started after a backup when that is due. */
export const drillService = `[Unit]
Description=Restore drill with the newest backup of the database of k3s

[Service]
Type=oneshot
ExecStart=/usr/local/libexec/k3s-cdk/database/drill.sh
PrivateMounts=yes
Nice=19
IOSchedulingClass=idle
TimeoutStartSec=2h
`;
