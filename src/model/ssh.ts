import type { BastionConfig, Config, HostConfig } from '../config/config';
import type { Bastion, SshSettings } from './topology';

/** The part of known_hosts that the topology needs. */
export interface HostKeys {
  /** The key that an SSH server must present, as `type base64`; undefined when none is known. */
  hostKey(address: string, port: number): string | undefined;
}

/**
 * SSH settings per host, the cluster's defaults filled in. Hosts without settings of their own share one object,
 * so that a thousand hosts do not carry a thousand copies.
 */
export function sshPool(
  defaults: Config['ssh'],
  hostKeys: HostKeys,
): (own: HostConfig['ssh']) => SshSettings {
  const shared = settings(defaults, {}, hostKeys);
  return (own) => (own ? settings(defaults, own, hostKeys) : shared);
}

function settings(
  defaults: Config['ssh'],
  own: NonNullable<HostConfig['ssh']>,
  hostKeys: HostKeys,
): SshSettings {
  const key = own.privateKey ?? defaults.privateKey;
  const bastion = own.bastion ?? defaults.bastion;
  return {
    user: own.user ?? defaults.user,
    port: own.port ?? defaults.port,
    ...keyToUse(key),
    ...(bastion && { bastion: jumpHost(bastion, bastion.privateKey ?? key, hostKeys) }),
  };
}

/** Where a connection logs in: to the host, and to the bastion before it. */
export function loginsOf(ssh: SshSettings): (SshSettings | Bastion)[] {
  return [ssh, ...(ssh.bastion ? [ssh.bastion] : [])];
}

/** The one key that the agent is asked for. Terraform knows one for host and bastion. */
export function agentKeyOf(ssh: SshSettings): string | undefined {
  return loginsOf(ssh).find(({ agentKey }) => agentKey !== undefined)?.agentKey;
}

/** The public half names a key of the agent. */
function keyToUse(key: string | undefined): Pick<SshSettings, 'privateKey' | 'agentKey'> {
  if (key === undefined) return {};
  return key.endsWith('.pub') ? { agentKey: key } : { privateKey: key };
}

function jumpHost(bastion: BastionConfig, key: string | undefined, hostKeys: HostKeys): Bastion {
  const { address, port, user } = bastion;
  const hostKey = hostKeys.hostKey(address, port);
  return {
    address,
    port,
    user,
    ...keyToUse(key),
    ...(hostKey !== undefined && { hostKey }),
  };
}
