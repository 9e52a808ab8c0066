import type { SSHProvisionerConnection } from 'cdktf';
import { agentKeyOf, loginsOf } from '../model/ssh';
import type { Host, SshSettings } from '../model/topology';
import { urlHost } from '../net/address';
import { noHostKey, placeholderKey } from './host-key-guard';
import { fromStack } from './project-folder';
import { scriptPath } from './step-commands';
import { escapeTemplate } from './template-literal';

/** Long enough for a Raspberry Pi that a step has rebooted. */
const timeout = '3m';

/** For the first step on a host: short enough to notice a wrong address, or a host that is off. */
const firstTimeout = '90s';

export interface ConnectionOptions {
  /** Whether nothing is known about the host yet. @default false */
  readonly first?: boolean | undefined;
}

/** How Terraform reaches a host. Keys are read when it connects and never stored. */
export function connection(host: Host, { first }: ConnectionOptions = {}): SSHProvisionerConnection {
  const { ssh } = host;
  const agentKey = agentKeyOf(ssh);
  return {
    type: 'ssh',
    host: host.address,
    port: ssh.port,
    user: ssh.user,
    timeout: first ? firstTimeout : timeout,
    hostKey: host.hostKey === undefined ? noHostKey : escapeTemplate(hostKeys(host, host.hostKey)),
    scriptPath,
    agent: String(usesAgent(ssh)),
    ...(ssh.privateKey !== undefined && { privateKey: keyFile(ssh.privateKey) }),
    ...(agentKey !== undefined && { agentIdentity: `\${${expanded(agentKey)}}` }),
    ...(ssh.bastion && {
      bastionHost: ssh.bastion.address,
      bastionPort: ssh.bastion.port,
      bastionUser: ssh.bastion.user,
      bastionHostKey: ssh.bastion.hostKey === undefined ? noHostKey : escapeTemplate(ssh.bastion.hostKey),
      ...(ssh.bastion.privateKey !== undefined && { bastionPrivateKey: keyFile(ssh.bastion.privateKey) }),
    }),
  };
}

/**
 * What Terraform appends to the server's name in its own known_hosts file. OpenTofu, and Terraform until
 * https://github.com/hashicorp/terraform/pull/38318, use the host's key even for the bastion, and ignore the
 * bastion's. So with a bastion both get a line under their own names; the first line, whose name is from
 * Terraform, gets a key that nobody has.
 */
function hostKeys({ address, ssh: { port, bastion } }: Host, key: string): string {
  if (bastion?.hostKey === undefined) return key;
  return [
    placeholderKey,
    `${urlHost(address)}:${port} ${key}`,
    `${urlHost(bastion.address)}:${bastion.port} ${bastion.hostKey}`,
  ].join('\n');
}

/** Whether the host or its bastion is logged in to with a key of the SSH agent. */
function usesAgent(ssh: SshSettings): boolean {
  return loginsOf(ssh).some(({ privateKey }) => privateKey === undefined);
}

function keyFile(path: string): string {
  return `\${file(${expanded(path)})}`;
}

/** Functions of Terraform do not know `~` by themselves. */
function expanded(path: string): string {
  return `pathexpand(${escapeTemplate(JSON.stringify(fromStack(path)))})`;
}
