import type { Config, HostConfig } from '../config/config';
import type { SshSettings } from './topology';

/**
 * SSH settings per host, the cluster's defaults filled in. Hosts without settings of their own share one object,
 * so that a thousand hosts do not carry a thousand copies.
 */
export function sshPool(defaults: Config['ssh']): (own: HostConfig['ssh']) => SshSettings {
  const shared = settings(defaults, {});
  return (own) => (own ? settings(defaults, own) : shared);
}

function settings(defaults: Config['ssh'], own: NonNullable<HostConfig['ssh']>): SshSettings {
  const privateKey = own.privateKey ?? defaults.privateKey;
  const bastion = own.bastion ?? defaults.bastion;
  return {
    user: own.user ?? defaults.user,
    port: own.port ?? defaults.port,
    ...(privateKey !== undefined && { privateKey }),
    ...(bastion && {
      bastion: {
        address: bastion.address,
        port: bastion.port,
        user: bastion.user,
        ...((bastion.privateKey ?? privateKey) !== undefined && {
          privateKey: bastion.privateKey ?? privateKey,
        }),
      },
    }),
  } as SshSettings;
}
