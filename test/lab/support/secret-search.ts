import type { Lab } from '../lab';
import type { LabHost } from '../lab-host';

const commandLines = '/run/lab-command-lines';

/** Writes down the command lines of all processes on all hosts, five times a second from now on. */
export async function watchCommandLines(lab: Lab): Promise<void> {
  const watch = `umask 077; while sleep 0.2; do cat /proc/[0-9]*/cmdline | tr '\\0' ' '; done >${commandLines} 2>/dev/null`;
  const start = 'systemd-run --quiet --unit lab-watch sh -c "$1"';
  await Promise.all(lab.hosts.map((host) => host.exec(start, { args: [watch] })));
}

/** Puts a text everywhere where a secret must not be, to see whether it would be found. */
export async function publish(host: LabHost, text: string): Promise<void> {
  const script = `echo "$1" >/tmp/lab-canary; systemd-cat echo "$1"; exec -a "$1" sleep 1`;
  await host.exec(script, { args: [text] });
}

/** Places on a host where one of the texts is and must not be. */
export async function whereSecretsAre(host: LabHost, secrets: readonly string[]): Promise<string[]> {
  // From a file of root's: as an argument of the search, a secret would be found in the search's own command line.
  const script = `secrets=$(mktemp -p /run) && trap 'rm -f "$secrets"' EXIT && cat >"$secrets"
    grep -qFf "$secrets" ${commandLines} && echo 'command lines'
    journalctl --no-pager --output export | grep -qaFf "$secrets" && echo journal
    # As a user who owns nothing.
    runuser -u nobody -- grep -rlsIFf - <"$secrets" /dev/shm /etc /home /opt /root /run /srv /tmp /usr/local /var`;
  const { stdout } = await host.exec(script, { input: secrets.join('\n'), allowFailure: true });
  return stdout.split('\n').filter(Boolean);
}
