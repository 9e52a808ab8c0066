/** What went wrong between this machine and a host, according to Terraform's SSH client. */
const causes: readonly (readonly [RegExp, string])[] = [
  [
    /unable to authenticate/,
    "does not let this user in with this key: check 'ssh.user' and 'ssh.privateKey' in cluster.yaml, and ~/.ssh/authorized_keys on the host",
  ],
  [
    /key mismatch|host key/i,
    "shows a host key that is not the one in known_hosts: run 'k3s-cdk init', which says what to do",
  ],
  [/connection refused/, 'refuses the connection: is its SSH server running, on this port?'],
  [/no route to host|network is unreachable/, 'cannot be reached: is it switched on and in this network?'],
  [/i\/o timeout|deadline exceeded/, 'does not answer: is it switched on?'],
  [
    /without exit status|connection reset|broken pipe|EOF$/,
    'closed the connection in the middle of the step: did it reboot or lose power? What it was doing may still be running there; the next deploy waits for it and repeats the step',
  ],
  [/SCP failed to start/, "has no 'scp', which files are sent with: install the OpenSSH client on it"],
  [/no space left|quota exceeded/i, "takes no files, because its disk is full: see 'df -h' on it"],
  [/read-only file system/i, "takes no files, because its disk went read-only: see 'dmesg' on it"],
  [
    /failed to upload|upload failed/i,
    "takes no files: is there a home folder that 'ssh.user' can write into? It reported: ",
  ],
  [/no such host/, 'has a name that cannot be resolved'],
];

/** The end of a sentence about the host; undefined if the connection did not fail. */
export function connectionFailure(detail: string): string | undefined {
  const cause = causes.find(([pattern]) => pattern.test(detail))?.[1];
  return cause?.endsWith(': ') ? `${cause}${detail.split('\n')[0]}` : cause;
}
