import type { SSHProvisionerConnection } from 'cdktf';
import type { Host } from '../model/topology';
import { escapeTemplate } from './template-literal';

/** Long enough for a Raspberry Pi to boot, short enough to notice a wrong address. */
const timeout = '3m';

/** How Terraform reaches a host. Keys are read when it connects and never stored. */
export function connection(host: Host): SSHProvisionerConnection {
  const { ssh } = host;
  return {
    type: 'ssh',
    host: host.address,
    port: ssh.port,
    user: ssh.user,
    timeout,
    ...(host.hostKey !== undefined && { hostKey: escapeTemplate(host.hostKey) }),
    // In the home folder: /tmp may be mounted noexec.
    scriptPath: './.k3s-cdk-%RAND%.sh',
    ...(ssh.privateKey === undefined
      ? { agent: 'true' }
      : { agent: 'false', privateKey: keyFile(ssh.privateKey) }),
    ...(ssh.bastion && {
      bastionHost: ssh.bastion.address,
      bastionPort: ssh.bastion.port,
      bastionUser: ssh.bastion.user,
      ...(ssh.bastion.hostKey !== undefined && { bastionHostKey: escapeTemplate(ssh.bastion.hostKey) }),
      ...(ssh.bastion.privateKey !== undefined && { bastionPrivateKey: keyFile(ssh.bastion.privateKey) }),
    }),
  };
}

/** `file` alone does not know `~`. */
function keyFile(path: string): string {
  return `\${file(pathexpand(${escapeTemplate(JSON.stringify(path))}))}`;
}
