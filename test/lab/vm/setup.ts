import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConfig } from '../lab-config';
import { bootMount } from './raspberry';

export interface SetupProps {
  /** Directory with files of the host's root. */
  readonly identity: string;
  readonly macAddress: string;
  /** `address/length gateway` for each address. */
  readonly routes: readonly string[];
}

/** Writes what `init.sh` makes a bare system one host of: `identity/`, and `provision.env` for `provision.sh`. */
export function writeSetup(directory: string, config: HostConfig, props: SetupProps): void {
  const root = join(directory, 'identity');
  cpSync(props.identity, root, { recursive: true });
  if (config.system === 'el')
    write(join(root, 'etc/NetworkManager/system-connections'), 'lab.nmconnection', connection(props), 0o600);
  else write(join(root, 'etc/systemd/network'), '10-lab.network', network(props));
  write(join(root, 'etc/udev/rules.d'), '99-lab-disks.rules', diskNames(config));
  if (config.firmware) write(join(root, 'etc'), 'fstab', bootMount);
  const user = config.user ?? 'pi';
  // systemd starts for the first session of a user and ends with the last: 5 s of emulation for each connection. This
  // user's stays.
  write(join(root, 'var/lib/systemd/linger'), user, '');
  const environment = [
    `export LAB_USER=${user}`,
    `export SSH_PORT=${config.port ?? 22}`,
    `export SUDO=${config.sudo ?? 'passwordless'}`,
  ];
  write(directory, 'provision.env', `${environment.join('\n')}\n`);
}

/** A network as an installer would have set it up. */
function network({ macAddress, routes }: SetupProps): string {
  const blocks = routes.map((line) => {
    const [address, gateway] = line.split(' ');
    return `[Address]\nAddress=${address}\nDuplicateAddressDetection=none\n\n[Route]\nGateway=${gateway}\n`;
  });
  const own = 'LinkLocalAddressing=ipv6\nIPv6AcceptRA=no\n';
  return `[Match]\nMACAddress=${macAddress}\n\n[Network]\n${own}\n${blocks.join('\n')}`;
}

/** The same for NetworkManager, which takes files that only root can read. */
function connection({ macAddress, routes }: SetupProps): string {
  const addresses = routes.map((line) => line.split(' ').join(','));
  const family = (name: string, own: readonly string[], without: string) =>
    `[${name}]\nmethod=${own.length > 0 ? 'manual' : without}\n${own.map((line, index) => `address${index + 1}=${line}\n`).join('')}`;
  const [ipv4, ipv6] = [false, true].map((is) => addresses.filter((line) => line.includes(':') === is));
  return [
    '[connection]\nid=lab\ntype=ethernet\n',
    `[ethernet]\nmac-address=${macAddress}\n`,
    family('ipv4', ipv4 ?? [], 'disabled'),
    family('ipv6', ipv6 ?? [], 'link-local'),
  ].join('\n');
}

/** Disks by the names that cluster.yaml has for them. */
function diskNames(config: HostConfig): string {
  return (config.disks ?? [])
    .map(({ device }, index) => {
      const name = device.replace(/^\/dev\//, '');
      return `SUBSYSTEM=="block", ENV{DEVTYPE}=="disk", ATTR{serial}=="disk${index}", SYMLINK+="${name}"\n`;
    })
    .join('');
}

function write(directory: string, name: string, text: string, mode = 0o644): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), text, { mode });
}
