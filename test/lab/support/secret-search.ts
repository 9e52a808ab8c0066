import type { Lab } from '../lab';
import type { LabHost } from '../lab-host';

const commandLines = '/run/lab-command-lines';

/** Writes down the command lines of all processes on all hosts, five times a second from now on. */
export async function watchCommandLines(lab: Lab): Promise<void> {
  const watch = `umask 077; while sleep 0.2; do cat /proc/[0-9]*/cmdline | tr '\\0' ' '; done >${commandLines} 2>/dev/null`;
  const start = 'systemd-run --quiet --unit lab-watch sh -c "$1"';
  await Promise.all(lab.hosts.map((host) => host.exec(start, { args: [watch] })));
}

/** Places on a host where one of the texts is and must not be. Ends the watch of command lines. */
export async function whereSecretsAre(host: LabHost, secrets: readonly string[]): Promise<string[]> {
  const script = `secrets=$(cat)
    systemctl stop lab-watch
    # The watch must have seen something.
    grep -q sshd ${commandLines} || echo 'no command lines were watched'
    grep -qF "$secrets" ${commandLines} && echo 'command lines'
    journalctl --no-pager --output export | grep -qaF "$secrets" && echo journal
    # As a user who owns nothing.
    runuser -u nobody -- grep -rlsIF "$secrets" /dev/shm /etc /home /opt /root /run /srv /tmp /usr/local /var`;
  const { stdout } = await host.exec(script, { input: secrets.join('\n'), allowFailure: true });
  return stdout.split('\n').filter(Boolean);
}
