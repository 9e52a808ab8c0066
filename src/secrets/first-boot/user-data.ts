/** What a new machine is to be. */
export interface FirstBootMachine {
  readonly cluster: string;
  readonly host: string;
  readonly user: string;
  /** Lines of authorized_keys. */
  readonly authorizedKeys: readonly string[];
  /** Its private host key, in OpenSSH's format. */
  readonly hostKey: string;
  /** `Europe/Berlin`. */
  readonly timeZone: string;
}

const keyFile = '/etc/ssh/k3s_cdk_host_ed25519_key';

/**
 * cloud-init's user-data: the user, its key, sudo, the name, and the host key that known_hosts has already.
 *
 * The key has a name of its own and sshd uses it alone: Raspberry Pi OS makes new keys of the usual names while
 * cloud-init runs, whatever cloud-init put there. At the end the copy on the boot partition goes, which every user of
 * the machine could read.
 */
export function userData({ cluster, host, user, ...machine }: FirstBootMachine): string {
  return `#cloud-config
# ${host} of the cluster ${cluster}. Has its private host key: keep it secret.
# Written by 'k3s-cdk init --first-boot', and written again by the next one.
hostname: ${text(host)}
manage_etc_hosts: localhost
timezone: ${text(machine.timeZone)}
${user === 'root' ? 'disable_root: false\n' : ''}users:
  - name: ${text(user)}
${user === 'root' ? '' : sudo}    ssh_authorized_keys:
${machine.authorizedKeys.map((key) => `      - ${text(key)}`).join('\n')}
ssh_pwauth: false
write_files:
  - path: ${keyFile}
    owner: root:root
    permissions: '0600'
    content: |
${machine.hostKey.trimEnd().replace(/^/gm, '      ')}
  - path: /etc/ssh/sshd_config.d/10-k3s-cdk.conf
    owner: root:root
    permissions: '0644'
    content: |
      HostKey ${keyFile}
runcmd:
  - systemctl is-enabled --quiet ssh.socket || systemctl enable ssh.service
  - systemctl restart ssh.service
  - test ! -f /boot/firmware/user-data || echo '#cloud-config' >/boot/firmware/user-data
`;
}

const sudo = `    shell: /bin/bash
    lock_passwd: true
    sudo: ALL=(ALL) NOPASSWD:ALL
`;

/** NoCloud applies user-data once to each instance. */
export function metaData({ cluster, host }: Pick<FirstBootMachine, 'cluster' | 'host'>): string {
  return `instance-id: ${text(`${cluster}-${host}`)}\nlocal-hostname: ${text(host)}\n`;
}

/** Quoted, as YAML and JSON have it in common. */
function text(value: string): string {
  return JSON.stringify(value);
}
