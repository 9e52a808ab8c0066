/**
 * Settings of the distributions' units that k3s-cdk needs; the units themselves stay as they are. A configuration file
 * of its own leaves the package's alone, which an update would ask about. Both services come back whatever happens.
 */
export const haproxyDropIn = `# Written by k3s-cdk; changes here are lost.
[Unit]
StartLimitIntervalSec=0

[Service]
Environment=CONFIG=/etc/haproxy/k3s-api.cfg
RuntimeDirectory=haproxy
Restart=always
RestartSec=200ms
`;

/**
 * keepalived puts the addresses of a crashed run in order when it starts again. A late advert moves the virtual IP, so
 * it comes first on a busy board. A check that is late there, or fails, makes it say so up to twice a second, which would
 * be most of what the journal writes; systemd before 253 keeps these lines.
 */
export const keepalivedDropIn = `# Written by k3s-cdk; changes here are lost.
[Unit]
Wants=network-online.target
After=network-online.target haproxy.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1s
CPUWeight=10000
LogFilterPatterns=~is already running, expect idle
`;
