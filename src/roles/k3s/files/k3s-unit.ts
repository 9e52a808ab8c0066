/** k3s's file of users and their passwords, which are the tokens. */
const passwordFile = '/var/lib/rancher/k3s/server/cred/passwd';

/**
 * Every load balancer notices the closed port before it opens again: a starting server accepts connections at
 * once, and rejects their requests until it is ready. A check every 2 s and another one 0.25 s later remove
 * it.
 */
const unseen = 'ExecStopPost=-/bin/sleep 3\n';

/**
 * Both tokens, which k3s writes at each start and compares with a copy in the database: after a new agent
 * token it would find its own file newer than the copy, and not start a second time. It uses the copy if
 * there is no file.
 */
const forgetPasswords = `ExecStartPre=-/bin/rm -f ${passwordFile}\n`;

/**
 * k3s's systemd unit. Stopping it leaves pods running (`KillMode=process`): a restart of k3s is not a restart of them.
 * Limits are off because containers have their own. It never gives up: the database may be unavailable for
 * long.
 *
 * @param balanced whether load balancers send requests to it
 */
export function k3sUnit(command: 'server' | 'agent', balanced = false): string {
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
${command === 'server' ? forgetPasswords : ''}ExecStart=/usr/local/bin/k3s ${command}
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
${balanced ? `${unseen}RestartSec=2s` : 'RestartSec=5s'}

[Install]
WantedBy=multi-user.target
`;
}
