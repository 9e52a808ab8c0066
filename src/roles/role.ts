import type { Script } from '../model/script';
import type { Host, Topology } from '../model/topology';
import type { Effect } from './effect';
import type { PlacedSecret } from './placed-secret';
import type { RoleStatus } from './role-status';

/**
 * What a machine can be, or gets because of what it is: only facts, as pure functions of the topology. All
 * users read them from the list (`roles.ts`). Its steps are constructs beside it (`*.step.ts`), which
 * `hosts-stack.ts` orders.
 */
export interface Role {
  /** The name of its folder. */
  readonly name: string;
  isOn(host: Host, topology: Topology): boolean;
  /** What it listens on, on a host that has it. @default - nothing */
  readonly traffic?: (topology: Topology, host: Host) => readonly Traffic[];
  /** Traffic among nodes that comes to no port of theirs, as named in the diagram. @default - none */
  readonly routed?: (topology: Topology) => readonly { readonly name: string; readonly by: string }[];
  /** Packages that its steps need, except those that they install themselves. @default - none */
  readonly packages?: (topology: Topology, host: Host) => Packages;
  /** Those that its steps install themselves, some of them only if the machine turns out to need them. @default - none */
  readonly ownPackages?: (topology: Topology, host: Host) => readonly OwnPackages[];
  /**
   * What a machine can have only once, and may already have from somebody else; `lib-others.sh` checks that.
   * @default - nothing
   */
  readonly takesOver?: string;
  /**
   * Uninstallers below `uninstall.d` that a host runs when it loses the role, in that order.
   *
   * @default - none: it stays until the host leaves
   */
  readonly uninstallers?: (host: Host, topology: Topology) => readonly string[];
  /** Programs of a host that has it, as named in its box in the diagram. @default - none */
  readonly programs?: (topology: Topology, host: Host) => readonly string[];
  /** What keeps data for the nodes, a box of the diagram's last row each; those that servers connect to first. @default - nothing */
  readonly services?: (topology: Topology) => readonly Service[];
  /** Addresses that it gives to what is outside, a box of the diagram's first row each. @default - none */
  readonly entries?: (topology: Topology) => readonly Entry[];
  /** What it stores on hosts, which `destroy --purge` deletes when they have left. @default - nothing */
  readonly data?: RoleData;
  /** Secrets that its steps have put on a host: `init --from-hosts` takes them back from there. @default - none */
  readonly secrets?: (topology: Topology, host: Host) => readonly PlacedSecret[];
  /** What changes of its steps do to what runs. @default - nothing that anybody notices */
  readonly effects?: (topology: Topology, host: Host) => readonly Effect[];
  /** What `k3s-cdk status` asks and judges of it. @default - nothing */
  readonly status?: RoleStatus;
  /** Whether it runs some, which needs control groups of version 2. @default false */
  readonly containers?: true;
  /** Space that it needs in `/` and below `/var`, in MB; the largest of a host's roles counts. @default 0 */
  readonly freeSpaceMb?: number;
}

/** Traffic to a host that a role needs. */
export interface Traffic {
  readonly protocol: 'tcp' | 'udp' | 'vrrp';
  /** Empty for protocols that have none. */
  readonly ports: readonly number[];
  /** Whose traffic; `anyone` for what clients use. */
  readonly from: Peers;
  /** The hosts that let it in, as docs/reference/networking.md calls them. */
  readonly on: string;
  /**
   * If nodes need it from each other: its name in the diagram, and its transport. @default - not in the
   * diagram
   */
  readonly between?: { readonly name: string; readonly by?: string };
  /** Programs that may already have the ports, separated by commas. Undefined: preflight does not check. */
  readonly programs?: string;
  /** Whether nodes keep their pods from it, which would use the node's address. @default false */
  readonly closedToPods?: boolean;
}

/** Addresses that callers outside connect to: of the API, or of services in the cluster. */
export interface Entry {
  readonly to: 'api' | 'services';
  readonly title: string;
  /** Who calls, if the network between has more to it. @default - anybody in the network */
  readonly callers?: string;
  readonly addresses: readonly string[];
  /** More sentences of its box. */
  readonly notes: readonly string[];
  /** How callers get from there to the nodes: lines beside the arrow. @default - nothing is said */
  readonly onward?: readonly string[];
}

/** Something that keeps data for the nodes, on a host of the cluster or elsewhere. */
export interface Service {
  readonly name: string;
  /** Undefined: it is not one of the hosts. */
  readonly host?: Host;
  /** Where it is reached. */
  readonly address: string;
  readonly port: number;
  /** Who connects to it. */
  readonly from: 'servers' | 'nodes';
  /** How they connect: the text beside the arrow. */
  readonly by: string;
  /** More lines of its box. */
  readonly notes: readonly string[];
  /** The traffic between the first one of its role and this one. @default - none */
  readonly withFirst?: string;
}

/** Data of the cluster on a host. */
export interface RoleData {
  /** Defines the function that deletes it, for purge-data.sh. */
  readonly script: Script;
  readonly call: string;
  /** The data of a host. Undefined: none. */
  readonly on: (topology: Topology, host: Host) => StoredOnHost | undefined;
}

export interface StoredOnHost {
  /** What is deleted, for people, a line each. */
  readonly what: readonly string[];
  /** What is not. */
  readonly stays: readonly string[];
  /** Variables of the script. Undefined: it is not called, as nothing is deleted. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/**
 * `subnets`: whoever is in the subnets of the hosts, so that a node that joins changes no rule on the others. Only for
 * what asks for credentials itself, and for VXLAN, where a sender's address proves nothing. `datastore`: servers and
 * database hosts.
 */
export type Peers = 'anyone' | 'subnets' | 'servers' | 'nodes' | 'datastore';

/** Names of packages for one purpose, for each package manager. */
export interface Packages {
  readonly apt: readonly string[];
  readonly dnf: readonly string[];
  /** More of dnf's, where SELinux is on. @default - none */
  readonly selinux?: readonly string[];
}

export interface OwnPackages extends Packages {
  /** When they are needed, as the end of a sentence. @default - always */
  readonly when?: string;
}
