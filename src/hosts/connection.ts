import type { SSHProvisionerConnection } from 'cdktf';
import type { Host } from '../model/topology';
import { escapeTemplate } from './template-literal';

/** Long enough for a Raspberry Pi that a step has rebooted. */
const timeout = '3m';

/** For the first step on a host: short enough to notice a wrong address, or a host that is off. */
const firstTimeout = '90s';

export interface ConnectionOptions {
  /** Whether nothing is known of the host yet. @default false */
  readonly first?: boolean | undefined;
}

/** How Terraform reaches a host. Keys are read when it connects and never stored. */
export function connection(host: Host, { first }: ConnectionOptions = {}): SSHProvisionerConnection {
  const { ssh } = host;
  return {
    type: 'ssh',
    host: host.address,
    port: ssh.port,
    user: ssh.user,
    timeout: first ? firstTimeout : timeout,
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
