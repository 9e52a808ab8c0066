/**
 * Unit that loads the table that keeps pods away, before k3s starts any, and whenever it is gone. The table
 * stays when the unit stops or restarts; the uninstaller deletes it.
 */
export const podsService = `[Unit]
Description=Keeps pods of the k3s cluster off its storage and database
After=nftables.service
Before=k3s.service k3s-agent.service
StartLimitIntervalSec=0

[Service]
ExecStartPre=/usr/local/libexec/k3s-cdk/pods-table.sh load
ExecStart=/usr/local/libexec/k3s-cdk/pods-table.sh keep 5
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
