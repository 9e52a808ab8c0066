/**
 * k3s's systemd unit. Stopping it leaves pods running (`KillMode=process`): a restart of k3s is no restart of them.
 * Limits are off because containers have their own. It never gives up: the database may be away for long.
 */
export function k3sUnit(command: 'server' | 'agent'): string {
  return `# Written by k3s-cdk; changes here are lost.
[Unit]
Description=k3s ${command}
Documentation=https://docs.k3s.io
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
EnvironmentFile=-/etc/rancher/k3s/k3s.env
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s ${command}
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s

[Install]
WantedBy=multi-user.target
`;
}
