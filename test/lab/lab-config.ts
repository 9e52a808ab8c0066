import type { Topology } from '../../src/model/topology';
import {
  addressIn,
  canonicalAddress,
  contains,
  familyOf,
  networkOf,
  parseRange,
} from '../../src/net/address';
import { type Architecture, ownArchitecture } from './architecture';

/** A lab to bring up: its hosts and their network. */
export interface LabConfig {
  /** Names the lab's namespaces and directory; two labs at the same time have different names. */
  readonly name: string;
  readonly hosts: readonly HostConfig[];
  /** @default 'container' */
  readonly kind?: HostKindName;
  /**
   * Whether hosts and operator reach the internet, as far as this machine does.
   * @default false
   */
  readonly online?: boolean;
  /** Names that hosts and operator resolve beside the hosts' own, as name → address. */
  readonly names?: Readonly<Record<string, string>>;
  /** Addresses that no host has but that are taken: the virtual IP, MetalLB's pools. */
  readonly reserved?: readonly string[];
}

export type HostKindName = 'container' | 'vm';

export interface HostConfig {
  readonly name: string;
  /** Addresses with prefix length: `10.9.0.11/24`. One, or one per IP family. */
  readonly addresses: readonly string[];
  /** @default 'pi' */
  readonly user?: string;
  /**
   * Port of the SSH server.
   * @default 22
   */
  readonly port?: number;
  /**
   * What the user may do with sudo; `password`: after typing the password, which is `lab`.
   * @default 'passwordless'
   */
  readonly sudo?: 'passwordless' | 'password' | 'none';
  /** @default none */
  readonly disks?: readonly DiskConfig[];
  /**
   * Size of everything that the host can write to, in MiB.
   * @default as much as the machine has; of a virtual machine 16384
   */
  readonly storage?: number;
  /**
   * Of a virtual machine, in MiB. Containers take what the machine has.
   * @default 2048
   */
  readonly memory?: number;
  /**
   * Processors of a virtual machine.
   * @default 2
   */
  readonly cpus?: number;
  /**
   * Processor of a virtual machine; arm64 is emulated on a machine that is none.
   * @default the machine's own
   */
  readonly arch?: Architecture;
  /**
   * What a virtual machine with amd64 is: `el` has the package manager, the names and the SELinux of Enterprise Linux.
   * @default 'debian'
   */
  readonly system?: 'debian' | 'el';
  /**
   * Of the kernel's memory of a virtual machine, in KiB: 16, as on a Raspberry Pi 5, with arm64 only.
   * @default 4
   */
  readonly pageSize?: 4 | 16;
  /**
   * How a virtual machine gets its kernel's command line: from `cmdline.txt` on its own disk, mounted at /boot/firmware,
   * with the memory cgroup off until the file says otherwise; in Ubuntu's layout it is in the folder `current` there.
   * @default - the lab's own, always the same
   */
  readonly firmware?: FirmwareConfig;
  /**
   * What a container takes itself for: `x86` makes `uname -m` say `i686` on an amd64 machine.
   * @default the machine's own architecture
   */
  readonly personality?: 'x86' | 'x86-64';
  /**
   * Folder of this machine that a container sees as /opt/lab, and cannot change.
   * @default none
   */
  readonly shared?: string;
}

export type FirmwareConfig = 'raspberry' | 'raspberry-ubuntu';

/** A blank disk of the host. */
export interface DiskConfig {
  /** Stable name: `/dev/disk/by-id/…`. */
  readonly device: string;
  /**
   * In MiB. The file behind it is sparse.
   * @default 4096
   */
  readonly size?: number;
}

/** What a lab file may say about a host of cluster.yaml. */
export type HostOverrides = Omit<Partial<HostConfig>, 'name' | 'addresses'>;

/** MiB that a virtual machine needs with everything of a cluster on it, and as an agent. */
const [serverMemory, agentMemory] = [4096, 2048];

/** A lab of the hosts of a cluster.yaml: their names, addresses, SSH users and ports, and disks. */
export function labOf(
  topology: Topology,
  overrides: Readonly<Record<string, HostOverrides>> = {},
  name = topology.name,
): LabConfig {
  const unknown = Object.keys(overrides).find((host) => !topology.hosts.some(({ name }) => name === host));
  if (unknown !== undefined) throw new Error(`'${unknown}' is no host of the cluster; correct the lab file`);
  const api = topology.api;
  return {
    name,
    hosts: topology.hosts.map((host) => ({
      name: host.name,
      addresses: host.nodeIps.map((ip) => `${ip}/${prefixLength(ip, topology.network.nodes)}`),
      user: host.ssh.user,
      port: host.ssh.port,
      disks: host.disks.map(({ device }) => ({ device })),
      memory: host.roles.includes('server') ? serverMemory : agentMemory,
      ...overrides[host.name],
    })),
    names: {
      ...Object.fromEntries(
        api.names.filter((name) => familyOf(name) === undefined).map((n) => [n, api.address]),
      ),
      // A host that is reached by a name instead of its address.
      ...Object.fromEntries(
        topology.hosts
          .filter((host) => familyOf(host.address) === undefined && host.address !== host.name)
          .map((host) => [host.address, host.nodeIps[0] ?? '']),
      ),
    },
    reserved: [api.address, ...(topology.metallb?.pools ?? []).flatMap((pool) => pool.addresses)],
  };
}

/** Of the hosts, each once. */
export function architecturesOf({ hosts }: LabConfig): Architecture[] {
  return [...new Set(hosts.map(({ arch = ownArchitecture }) => arch))];
}

function prefixLength(ip: string, networks: readonly string[]): number {
  const address = parseRange(ip);
  const network = networks.find((text) => {
    const range = parseRange(text);
    return address && range && contains(range, address);
  });
  return network ? Number(network.split('/')[1]) : familyOf(ip) === 6 ? 64 : 24;
}

/**
 * The operator's address in every network of the hosts, with prefix length: the highest free one.
 * It is the hosts' gateway too; it leads nowhere.
 */
export function operatorAddresses(config: LabConfig): string[] {
  const hosts = config.hosts.flatMap((host) => host.addresses);
  const taken = [...hosts.map(bare), ...(config.reserved ?? [])].flatMap((text) => parseRange(text) ?? []);
  const networks = new Set(hosts.map((text) => networkOf(bare(text), Number(text.split('/')[1]))));
  return [...networks].map((network) => {
    const range = parseRange(network);
    if (!range) throw new Error(`'${network}' is not a network`);
    // The very last address of an IPv4 network is its broadcast address.
    const highest = range.last - range.first > 0xffffn ? 0xfffe : Number(range.last - range.first) - 1;
    for (let index = highest; index > 0; index -= 1) {
      const address = addressIn(network, index);
      const own = parseRange(address);
      if (own && !taken.some((other) => contains(other, own))) return `${address}/${network.split('/')[1]}`;
    }
    throw new Error(`no address of ${network} is left for the operator; give the hosts a larger network`);
  });
}

/** The operator's address in the network of one of a host's addresses. */
export function gatewayFor(address: string, operators: readonly string[]): string {
  const network = (text: string) => networkOf(bare(text), Number(text.split('/')[1]));
  return bare(operators.find((operator) => network(operator) === network(address)) ?? '');
}

/** The address without its prefix length, in canonical spelling. */
export function bare(address: string): string {
  return canonicalAddress(address.split('/')[0] ?? '');
}
