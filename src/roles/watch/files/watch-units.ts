/** Looks after the host once. */
export const watchService = `[Unit]
Description=Looks after this host and calls somebody
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/local/libexec/k3s-cdk/watch/watch.sh
Nice=10
IOSchedulingClass=idle
TimeoutStartSec=5min
`;

/** Starts it again and again. */
export function watchTimer(every: string): string {
  return `[Unit]
Description=Has this host look after itself

[Timer]
OnActiveSec=${every}
OnUnitActiveSec=${every}
AccuracySec=15s

[Install]
WantedBy=timers.target
`;
}
